import type { OutgoingRecord } from '@tributary/kafka';

/**
 * Holds a processor to the topics that it declares.
 *
 * @throws UndeclaredTopicError
 */
export function assertDeclared(
  name: string,
  publishes: readonly string[] | undefined,
  records: readonly OutgoingRecord[],
): void {
  const undeclared = publishes && records.find(({ topic }) => !publishes.includes(topic));
  if (undeclared) throw new UndeclaredTopicError(name, undeclared.topic, publishes);
}

/** A processor would write to a topic that its declaration does not name: nothing of the step is sent. */
export class UndeclaredTopicError extends Error {
  constructor(name: string, topic: string, publishes: readonly string[]) {
    super(
      `the processor ${name} publishes to ${topic} and declares only ${publishes.join(', ')}: ` +
        `name ${topic} in its \`publishes\` too`,
    );
    this.name = 'UndeclaredTopicError';
  }
}
