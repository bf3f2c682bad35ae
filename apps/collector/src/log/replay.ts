import { isRecordRefused, type OutgoingRecord } from '@tributary/kafka';
import type { KafkaSender } from './kafka-sender.port.js';
import type { Piece } from './spool/frame.js';
import type { Segment } from './spool/segment.js';
import type { Spool } from './spool/spool.js';

/** So many bytes of values go to Kafka at once. */
const CHUNK_BYTES = 800_000;

/**
 * Writes a segment to Kafka in the order of its frames, then removes it. Rejects when Kafka did not take all of it: then
 * it is there still, and what was written is written again. A frame that Kafka can never take is set aside.
 */
export async function replaySegment(
  spool: Spool,
  segment: Segment,
  kafka: KafkaSender,
  passes: Passes = () => true,
): Promise<void> {
  const pieces = (await spool.read(segment)).filter(({ frame }) => frame !== undefined);
  for (const chunk of chunksOf(pieces)) {
    try {
      await kafka.send(recordsOf(chunk, passes));
    } catch (error) {
      if (!isRecordRefused(error)) throw error;
      await sendEach(spool, segment, chunk, kafka, passes);
    }
  }
  await spool.remove(segment);
}

/** Whether a record goes on: not where its person was suppressed meanwhile. */
export type Passes = (record: OutgoingRecord) => boolean;

/** The records of all frames that go on, in order. */
export function recordsOf(pieces: readonly Piece[], passes: Passes): readonly OutgoingRecord[] {
  return pieces.flatMap(({ frame }) => frame?.records.filter(passes) ?? []);
}

async function sendEach(
  spool: Spool,
  segment: Segment,
  pieces: readonly Piece[],
  kafka: KafkaSender,
  passes: Passes,
): Promise<void> {
  for (const piece of pieces) {
    try {
      await kafka.send(recordsOf([piece], passes));
    } catch (error) {
      if (!isRecordRefused(error)) throw error;
      await spool.setAside(segment, piece, error);
    }
  }
}

function* chunksOf(pieces: readonly Piece[]): IterableIterator<readonly Piece[]> {
  let chunk: Piece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    chunk.push(piece);
    bytes += piece.end - piece.start;
    if (bytes < CHUNK_BYTES) continue;
    yield chunk;
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield chunk;
}
