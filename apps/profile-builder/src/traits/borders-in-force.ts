import { isScore, parseTrait, type Borders } from '@tributary/audiences';
import { messageOf, validateScoreBorders, type ScoreBordersMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { digest, failed, ok, type Result } from '@tributary/kernel';

/** The borders of a score, and of which definitions: as plain JSON, for a state to keep. */
export interface BordersOf {
  /** The key of the trait that is ranked. */
  readonly ranks: string;
  readonly rankedQuery: string;
  readonly best: 'highest' | 'lowest';
  readonly borders: Borders;
}

export interface BordersInForce extends BordersOf {
  /** Names what they say: the same borders computed again say the same. */
  readonly definitionHash: string;
}

/** Borders, or undefined where they are removed; the error says why the record is neither. */
export function readBorders(record: LogRecord): Result<BordersInForce | undefined, string> {
  const error = validateScoreBorders(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  const { query, rankedQuery, borders } = messageOf(record) as ScoreBordersMessage;
  const parsed = parseTrait(query);
  if (!parsed.ok) return failed(`the score cannot be read: ${parsed.error.message}`);
  const score = parsed.value;
  if (!isScore(score)) return failed(`"${query}" is no score`);
  if (borders.length !== score.groups - 1)
    return failed(`${borders.length} borders: ${score.groups} groups have ${score.groups - 1}`);
  const said = { ranks: score.ranks, rankedQuery, best: score.best, borders };
  return ok({ ...said, definitionHash: digest(JSON.stringify(said)) });
}
