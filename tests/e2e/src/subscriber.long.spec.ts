import { describe, expect, it, jest } from '@jest/globals';
import { ownFolder } from '@tributary/harness';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(300_000);

const run = promisify(execFile);
const docs = (path: string) => fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url));
const underTest = new PlatformUnderTest();

/** Kafka's own tools, which the broker of the platform does not need. */
const TOOLS = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tributary</groupId><artifactId>kafka-tools</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.2.0</version></dependency>
  </dependencies>
</project>`;

describe('subscribers whose libraries are to be installed', () => {
  it('read the changes in Python, each once, also when it is started again', async () => {
    await using stack = new AsyncDisposableStack();
    const folder = ownFolder(stack);
    await run('python3', ['-m', 'venv', join(folder, 'env')]);
    await run(join(folder, 'env/bin/pip'), ['install', '--quiet', 'confluent-kafka==2.16.1']);
    const printed = async () => {
      const args = [docs('examples/changes.py'), join(folder, 'places.json'), '--once'];
      const env = { ...process.env, KAFKA_BROKERS: underTest.platform.brokers };
      return (await run(join(folder, 'env/bin/python'), args, { env })).stdout;
    };
    await underTest.client.putAudience('pro', "trait('plan') = 'pro'");
    const identify = (userId: string, plan: string) =>
      underTest.client.send({ type: 'identify', userId, traits: { plan } });
    await identify('ann', 'pro');
    await identify('ben', 'pro');
    await underTest.changesOf('pro', 2);
    expect((await printed()).match(/^entered pro /gm)).toHaveLength(2);
    expect(await printed()).toBe('');
    await identify('ann', 'free');
    await underTest.changesOf('pro', 3);
    expect(await printed()).toMatch(/^exited pro .+\n$/);
  });

  it("see the changes by Kafka's own consumer, as the page says", async () => {
    await using stack = new AsyncDisposableStack();
    const folder = ownFolder(stack);
    const pom = join(folder, 'pom.xml');
    await writeFile(pom, TOOLS);
    const jars = join(folder, 'jars');
    await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-f', pom, `-DoutputDirectory=${jars}`]);
    const page = await readFile(docs('subscribing.md'), 'utf8');
    const [, shown = ''] = /^kafka-console-consumer\.sh ((?:.*\\\n)*.*)$/m.exec(page) ?? [];
    const args = shown.replaceAll('\\\n', ' ').replace('127.0.0.1:9092', underTest.platform.brokers);
    const consumer = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
    const command = `java -cp '${jars}/*' ${consumer} ${args} --timeout-ms 8000`;
    const { stdout } = await run('bash', ['-c', command]);
    expect(stdout).toMatch(/epoch:\d+.*"audienceKey":"pro".*"change":"entered"/);
  });
});
