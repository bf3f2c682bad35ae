/** What one request may measure at most. Bytes are those after decompression. */
export const REQUEST_LIMITS = {
  bodyBytes: 500 * 1024,
  calls: 2_500,
  /** Events made of one request: each carries the batch's context, so they can be much more than its body. */
  eventsBytes: 8 * 1024 * 1024,
  /** What the api asks to be taken again at once. */
  replayBytes: 16 * 1024 * 1024,
} as const;
