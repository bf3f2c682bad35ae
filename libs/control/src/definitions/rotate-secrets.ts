import type { Database } from '../database.js';
import { lock } from '../locks.js';
import type { Secrets } from '../secrets.js';
import type { ControlTables } from '../tables.js';
import type { AnyKind } from './kind.js';

/** Encrypts every secret anew that is not encrypted with the current key, in old versions too; answers how many values. */
export async function rotateSecrets(
  database: Database<ControlTables>,
  secrets: Secrets,
  kinds: readonly AnyKind[],
): Promise<number> {
  let count = 0;
  for (const kind of kinds) {
    if (!kind.withSecrets) continue;
    for (const table of ['definition_versions', 'definitions'] as const)
      count += await rotateIn(table, { database, secrets, kind });
  }
  return count;
}

async function rotateIn(
  table: 'definitions' | 'definition_versions',
  {
    database,
    secrets,
    kind,
  }: {
    readonly database: Database<ControlTables>;
    readonly secrets: Secrets;
    readonly kind: AnyKind;
  },
): Promise<number> {
  return database.transaction(async (statements) => {
    await lock(statements, `tributary.rotation/${kind.name}`);
    const rows = await statements
      .selectFrom(table)
      .select(['workspace', 'kind', 'key', 'version', 'value'])
      .where('kind', '=', kind.name)
      .where('value', 'is not', null)
      .forUpdate()
      .execute();
    let count = 0;
    for (const { workspace, key, version, value } of rows) {
      const old = new Set<string>();
      const renewed = kind.withSecrets?.(value ?? {}, (secret) => {
        if (secrets.isCurrent(secret)) return secret;
        old.add(secret);
        return secrets.encrypt(secrets.decrypt(secret));
      });
      if (old.size === 0 || !renewed) continue;
      await statements
        .updateTable(table)
        .set({ value: JSON.stringify(renewed) })
        .where('workspace', '=', workspace)
        .where('kind', '=', kind.name)
        .where('key', '=', key)
        .where('version', '=', version)
        .execute();
      count += 1;
    }
    return count;
  });
}
