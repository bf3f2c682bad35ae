import { describe, expect, it } from '@jest/globals';

import { reasonIn } from './broker-output.js';

const trace = '\tat kafka.server.KafkaRaftServer$.initializeLogDirs(KafkaRaftServer.scala:140)';
const fatal = '2026-01-01T00:00:00,000 ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)';

describe('reasonIn', () => {
  it('is the exception that the last error carries, without its class and trace', () => {
    const output = [
      '2026-01-01T00:00:00,000 ERROR an earlier one (kafka.server.Node)',
      'java.lang.IllegalStateException: not this',
      fatal,
      "java.lang.RuntimeException: Stored node id 7 doesn't match previous node id 1",
      trace,
    ];
    expect(reasonIn(output.join('\n'))).toBe("Stored node id 7 doesn't match previous node id 1");
  });

  it('is the innermost cause where there are several', () => {
    const output = [
      fatal,
      'org.apache.kafka.common.KafkaException: Socket server failed to bind',
      trace,
      'Caused by: java.net.BindException: Address already in use',
      trace,
    ];
    expect(reasonIn(output.join('\n'))).toBe('Address already in use');
  });

  it('is the error itself where it has no exception', () => {
    const output = [fatal.replace('Exiting Kafka due to fatal exception', 'Disk is full'), 'and more'];
    expect(reasonIn(output.join('\n'))).toContain('ERROR Disk is full');
  });

  it('is the last line where there is no error', () => {
    expect(reasonIn('Unrecognized option: -Xfoo\nCould not create the Java Virtual Machine.\n')).toBe(
      'Could not create the Java Virtual Machine.',
    );
  });
});
