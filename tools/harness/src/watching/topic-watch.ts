import type { Topic } from '@tributary/contracts';
import type { KafkaConnection } from '@tributary/kafka';
import { eventually, type EventuallyOptions } from '@tributary/testing';
import { followTopic } from './follow-topic.js';
import { messageOf, type MessageOf, type SchemaOf } from './messages.js';

/** What came of a topic, in the order in which it came. */
export class TopicWatch<M> {
  readonly #messages: M[] = [];

  constructor(private readonly topic: string) {}

  /** All that came so far. */
  get messages(): readonly M[] {
    return this.#messages;
  }

  add(message: M): void {
    this.#messages.push(message);
  }

  /** Forgets what came so far. */
  forget(): void {
    this.#messages.length = 0;
  }

  /**
   * The messages of which something holds, once they are as is asked for.
   *
   * @throws Error that names those seen last, when they are not in time
   */
  until(is: (message: M) => boolean, options: EventuallyOptions<readonly M[]>): Promise<readonly M[]> {
    return eventually(() => this.#messages.filter(is), { what: `messages of ${this.topic}`, ...options });
  }
}

/** Keeps the messages of one schema of a topic, as {@link followTopic} hands them over; `only` those of which it holds. */
export async function watchTopic<T extends Topic, S extends SchemaOf<T>>(
  stack: AsyncDisposableStack,
  connection: KafkaConnection,
  topic: T,
  schema: S,
  {
    from,
    only = () => true,
  }: { readonly from: 'beginning' | 'now'; readonly only?: (message: MessageOf<T, S>) => boolean },
): Promise<TopicWatch<MessageOf<T, S>>> {
  const watch = new TopicWatch<MessageOf<T, S>>(topic.name);
  await followTopic(stack, connection, topic, {
    from,
    onRecord: (record) => {
      const message = messageOf(topic, schema, record);
      if (message !== undefined && only(message)) watch.add(message);
    },
  });
  return watch;
}
