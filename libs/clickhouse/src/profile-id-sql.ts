const PROFILES = 'f1f0c9d26c7a5b529a0e4f5b8f5d1c11';

/**
 * The SQL expression of the id of the profile that begins with an identifier, given the SQL of workspace and
 * identifier: the same UUIDv5 (RFC 9562) as `profileIdOf` of the kernel, as lower-case text.
 */
export function profileIdSql(workspace: string, identifier: string): string {
  const digest = `hex(SHA1(concat(unhex('${PROFILES}'), ${workspace}, '/', ${identifier})))`;
  const variant = `substring('89ab', bitAnd(reinterpretAsUInt8(unhex(concat('0', substring(${digest}, 17, 1)))), 3) + 1, 1)`;
  return (
    `lower(concat(substring(${digest}, 1, 8), '-', substring(${digest}, 9, 4), '-5', ` +
    `substring(${digest}, 14, 3), '-', ${variant}, substring(${digest}, 18, 3), '-', substring(${digest}, 21, 12)))`
  );
}
