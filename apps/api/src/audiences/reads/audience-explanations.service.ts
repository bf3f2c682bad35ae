import { Inject, Injectable } from '@nestjs/common';
import { explain, PersonFacts, type Explained, type Explanation } from '@tributary/audiences';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { definitionIn } from '../audience.dto.js';
import { AudiencesService } from '../audiences.service.js';
import { ResolvedDefinitions } from '../resolved-definitions.js';
import { ClickHousePersonEvents } from './clickhouse.person-events.js';
import type { ShownExplanation } from './explain.dto.js';
import { TraitMerges } from './trait-merges.js';

/** Why somebody is in an audience or is not, by the events of that person and the evaluation of the stream. */
@Injectable()
export class AudienceExplanationsService {
  constructor(
    private readonly audiences: AudiencesService,
    private readonly events: ClickHousePersonEvents,
    private readonly clickhouse: ClickHouseReader,
    private readonly merges: TraitMerges,
    private readonly resolved: ResolvedDefinitions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async explain(key: string, profileId: string): Promise<Result<ShownExplanation, ApiFailure>> {
    const stored = await this.audiences.resource.stored({ key });
    if (!stored.ok) return stored;
    if (!(await this.events.hasAny(profileId))) return failed(await this.#nobody(profileId));
    const { value } = stored.value;
    const written = definitionIn(value);
    const [definition = written] = await this.resolved.of([written]);
    const facts = new PersonFacts(definition, profileId, await this.merges.inForce());
    for await (const event of this.events.readBy(definition, profileId)) facts.take(event);
    const now = this.clock.now();
    const explanation = explain(definition, facts, now);
    return ok({
      ...{ key, name: value.name, profileId, holds: explanation.holds },
      since: instantOf(explanation.since),
      changesAt: instantOf(explanation.changesAt),
      says: says(explanation),
      tree: shownTree(explanation.tree, facts),
      asOf: toInstant(now),
    });
  }

  async #nobody(profileId: string): Promise<ApiFailure> {
    const [row] = await this.clickhouse.rows<{ readonly merged_into: string }>(
      `SELECT merged_into FROM latest_profiles
       WHERE workspace_id = {workspaceId:String} AND profile_id = {profileId:String} AND merged_into != ''`,
      { profileId },
    );
    const message = row
      ? `The profile ${profileId} was merged into ${row.merged_into}: ask for that.`
      : `No event belongs to a profile ${profileId}.`;
    return { code: 'profile_not_found', message };
  }
}

function instantOf(at: number | undefined): string | null {
  return at === undefined ? null : toInstant(at);
}

function says({ holds, changesAt }: Explanation): string {
  const is = holds ? 'is in it' : 'is not in it';
  if (changesAt === undefined) return `${is}; time alone does not change that`;
  return `${is}; ${holds ? 'leaves' : 'enters'} at ${toInstant(changesAt)} unless a call comes before`;
}

function shownTree(node: Explained, facts: PersonFacts): Record<string, unknown> {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { ...node, operands: node.operands.map((operand) => shownTree(operand, facts)) };
    case 'not':
      return { ...node, operand: shownTree(node.operand, facts) };
    case 'event': {
      const events = node.events.map(({ time, id }) => {
        return { time: toInstant(time), messageId: facts.messageIdOf(id) };
      });
      return { ...node, events };
    }
    case 'trait':
      return node.at === undefined ? { ...node } : { ...node, at: toInstant(node.at) };
    case 'value':
    case 'random':
      return { ...node };
  }
}
