import { Inject, Injectable } from '@nestjs/common';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import type { ApiFailure } from '../../http/api.errors.js';
import { AudiencesService } from '../audiences.service.js';
import { ClickHouseAudienceSizes, type Instants, type Turnover } from './clickhouse.audience-sizes.js';
import { MOST_SIZES, STEPS, type Sizes, type SizesQuery } from './sizes.dto.js';

const DAY_MS = 86_400_000;

/** How many members an audience had. */
@Injectable()
export class AudienceSizesService {
  constructor(
    private readonly audiences: AudiencesService,
    private readonly tables: ClickHouseAudienceSizes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async sizes(key: string, query: SizesQuery): Promise<Result<Sizes, ApiFailure>> {
    const stored = await this.audiences.resource.stored({ key });
    if (!stored.ok) return stored;
    const instants = instantsOf(query, this.clock.now());
    if (!instants.ok) return instants;
    const turnovers = await this.tables.turnovers(key, instants.value);
    const { name } = stored.value.value;
    return ok({ key, name, step: query.step, data: sizesOf(turnovers, instants.value) });
  }
}

/** From and to are the beginnings of steps. */
function instantsOf({ from, to, step }: SizesQuery, now: number): Result<Instants, ApiFailure> {
  const stepMs = STEPS[step];
  const begin = (at: number) => Math.floor(at / stepMs) * stepMs;
  const last = to === undefined ? now : Date.parse(to);
  const first = from === undefined ? last - DAY_MS : Date.parse(from);
  if (first > last) return fault('from', 'must not be after to');
  const instants = { from: begin(first), to: begin(last), stepMs };
  if ((instants.to - instants.from) / stepMs >= MOST_SIZES)
    return fault('step', `must be longer: ${MOST_SIZES} sizes at most are answered`);
  return ok(instants);
}

function fault(field: string, message: string): Result<never, ApiFailure> {
  return failed({
    code: 'invalid_request',
    message: `${field} ${message}`,
    details: [{ field, message }],
  });
}

/** The sizes at every step, also where nobody came or went. */
export function sizesOf(turnovers: readonly Turnover[], { from, to, stepMs }: Instants): Sizes['data'] {
  const byStep = new Map(turnovers.map((one) => [one.step, one]));
  const before = byStep.get(0);
  let size = 0;
  return Array.from({ length: Math.floor((to - from) / stepMs) + 1 }, (_, step) => {
    const { entered, exited } = (step === 0 ? undefined : byStep.get(step)) ?? { entered: 0, exited: 0 };
    size += step === 0 && before ? before.entered - before.exited : entered - exited;
    return { at: toInstant(from + step * stepMs), size, entered, exited };
  });
}
