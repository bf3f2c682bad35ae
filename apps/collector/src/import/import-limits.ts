/** What one file may hold of the process at most. */
export const IMPORT_LIMITS = {
  lineBytes: 64 * 1024,
  /** Without a byte of the file, while there is room for it; beyond: 408. */
  silenceMs: 30_000,
  batchLines: 500,
  batchBytes: 256 * 1024,
  batchesInFlight: 4,
  /** Reserved while a file is read: the batches above, as text and as calls. */
  reservedBytes: 4 * 1024 * 1024,
} as const;
