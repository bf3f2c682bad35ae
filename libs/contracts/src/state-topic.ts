import { StateMessage } from './messages/state.js';
import type { Topic } from './topic.js';

/** The changelog of a processor; `of` says of what. */
export function stateTopic(name: string, of: string) {
  return {
    name,
    summary: `Changelog of a processor: ${of}. Private to the processor.`,
    schemas: { 'state@1': StateMessage },
    key: "key of the processor's state, or @marker, or @epoch",
    partitionedBy: "the processor's input partition",
    headers: ['schema', 'epoch', 'format'],
    partitions: 'data',
    cleanup: { compact: true },
    writer: 'the processor',
  } as const satisfies Topic;
}
