const POLYNOMIAL = 0x82f63b78;
const TABLES = tables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/**
 * CRC-32C (Castagnoli) of a buffer, unsigned. Source: slicing-by-8, M. E. Kounavis and F. L. Berry, "A Systematic
 * Approach to Building High Performance Software-based CRC Generators" (2005).
 */
export function crc32c(bytes: Buffer): number {
  const at = (table: Int32Array, index: number) => table[index & 0xff] ?? 0;
  const end = bytes.length - 7;
  let crc = -1;
  let i = 0;
  for (; i < end; i += 8) {
    const low = crc ^ bytes.readInt32LE(i);
    const high = bytes.readInt32LE(i + 4);
    crc =
      at(T7, low) ^
      at(T6, low >>> 8) ^
      at(T5, low >>> 16) ^
      at(T4, low >>> 24) ^
      at(T3, high) ^
      at(T2, high >>> 8) ^
      at(T1, high >>> 16) ^
      at(T0, high >>> 24);
  }
  for (; i < bytes.length; i += 1) crc = at(T0, crc ^ (bytes[i] ?? 0)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function tables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const all = [first];
  for (let k = 1; k < 8; k += 1) {
    all.push((all[k - 1] ?? first).map((crc) => (crc >>> 8) ^ (first[crc & 0xff] ?? 0)));
  }
  return all;
}
