import { EpochReader, type Topic } from '@tributary/contracts';
import { logBounds, TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { eventually } from '@tributary/testing';

/** Far longer than any broker is away here. */
const BACK_WITHIN_MS = 600_000;

/**
 * Hands over the records of a topic, each once and those of a partition in order, until the stack is undone; of a topic
 * with epochs, what is news. Resolves
 * when what was there at the call, from the beginning or from now on, has been handed over. A broker that is away for
 * long ends the reading; it begins again when the broker is back, and nothing is missed. An error of the handler is a
 * rejection that nobody handles.
 */
export async function followTopic(
  stack: AsyncDisposableStack,
  connection: KafkaConnection,
  { name, epochs }: Pick<Topic, 'name' | 'epochs'>,
  { from, onRecord }: { readonly from: 'beginning' | 'now'; readonly onRecord: (record: LogRecord) => void },
): Promise<void> {
  let isOver = false;
  let failure: Error | undefined;
  let follower: TopicFollower | undefined;
  const bounds = from === 'now' ? [...(await logBounds(connection, name))] : [];
  /** The next offset of each partition. */
  const next = new Map(bounds.map(([partition, { end }]) => [partition, end]));
  const reader = epochs && new EpochReader();
  const take = (record: LogRecord) => {
    if (record.offset < (next.get(record.partition) ?? 0)) return;
    next.set(record.partition, record.offset + 1);
    if (reader && !reader.isNews(record)) return;
    try {
      onRecord(record);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw failure;
    }
  };
  const onFatal = () => void (failure ? Promise.reject(failure) : again());
  const follow = async (fromEnd: boolean) => {
    await follower?.stop().catch(() => undefined);
    if (isOver) return;
    follower = new TopicFollower(connection, { name }, take, { fromEnd, onFatal });
    await follower.start();
  };
  const again = () =>
    eventually(() => follow(false), {
      withinMs: BACK_WITHIN_MS,
      what: `the way back to ${name}`,
      unless: () => {
        if (failure) throw failure;
      },
    });
  stack.defer(async () => {
    isOver = true;
    await follower?.stop();
  });
  await follow(from === 'now');
}
