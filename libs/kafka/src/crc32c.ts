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
  const end = bytes.length - 7;
  let crc = -1;
  let i = 0;
  for (; i < end; i += 8) {
    crc =
      of(T7, crc ^ at(bytes, i)) ^
      of(T6, (crc >>> 8) ^ at(bytes, i + 1)) ^
      of(T5, (crc >>> 16) ^ at(bytes, i + 2)) ^
      of(T4, (crc >>> 24) ^ at(bytes, i + 3)) ^
      of(T3, at(bytes, i + 4)) ^
      of(T2, at(bytes, i + 5)) ^
      of(T1, at(bytes, i + 6)) ^
      of(T0, at(bytes, i + 7));
  }
  for (; i < bytes.length; i += 1) crc = of(T0, crc ^ at(bytes, i)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function of(table: Int32Array, index: number): number {
  return table[index & 0xff] ?? 0;
}

function at(bytes: Buffer, index: number): number {
  return bytes[index] ?? 0;
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
