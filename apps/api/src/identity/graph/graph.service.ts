import { Inject, Injectable } from '@nestjs/common';
import { IdentityRules, type RulesDefinition } from '@tributary/identity';
import { failed, ok, profileIdOf, type Identifier, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { SplitsService } from '../splits/splits.service.js';
import { readIdentifier, writtenIdentifier, identifierHint } from '../identifiers.js';
import { RulesService } from '../rules/rules.service.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { chainOf } from './chain.js';
import { ClickHouseIdentityGraph } from './clickhouse.identity-graph.js';
import type { StoredLink } from './stored-links.js';
import { decidedLinks, type DecidedLink } from './decided-links.js';
import type { Apart, ShownGraph } from './graph.dto.js';
import { toShownGraph } from './shown-graph.js';

export const MOST_IDENTIFIERS = 1_000;
export const MOST_SHOWN_LINKS = 2_000;
/** So many that a chain is found among all that a component may have. */
const MOST_READ_LINKS = 10_000;

function notFound(id: Identifier, definition: RulesDefinition): ApiFailure {
  const written = writtenIdentifier(id, 'identifier', definition);
  const hint =
    written.ok && written.value !== id ? ` By the rules it would be written ${written.value}.` : '';
  return {
    code: 'identifier_not_found',
    message: `The identifier ${id} occurred on no event, as far as the tables have come.${hint}${identifierHint(id, definition)}`,
  };
}

/** Why identifiers are one person: what joins them, and what of it was refused. */
@Injectable()
export class GraphService {
  constructor(
    private readonly graph: ClickHouseIdentityGraph,
    private readonly rules: RulesService,
    private readonly splits: SplitsService,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  async of(text: string, toText: string | undefined): Promise<Result<ShownGraph, ApiFailure>> {
    const rules = await this.rules.inForce();
    const sent = readIdentifier(text, 'identifier');
    const written = writtenIdentifier(text, 'identifier', rules);
    if (!sent.ok) return sent;
    if (!written.ok) return written;
    const to = toText === undefined ? ok(undefined) : writtenIdentifier(toText, 'to', rules);
    if (!to.ok) return to;
    const graph = await this.#graphOf(written.value, to.value);
    // From before these rules there may be one that was written otherwise.
    return graph.ok || written.value === sent.value ? graph : this.#graphOf(sent.value, to.value);
  }

  async #graphOf(
    identifier: Identifier,
    to: Identifier | undefined,
  ): Promise<Result<ShownGraph, ApiFailure>> {
    const [stay] = await this.graph.stays([identifier]);
    const profileId = stay?.profileId ?? profileIdOf(currentWorkspace(), identifier);
    const assigned = await this.graph.assignedTo(profileId, MOST_IDENTIFIERS + 1);
    const members = [...new Set([identifier, ...assigned])].slice(0, MOST_IDENTIFIERS);
    const [stays, links] = await Promise.all([
      this.graph.stays(members),
      this.graph.linksOf(members, MOST_READ_LINKS + 1),
    ]);
    const alone = links.length > 0 ? undefined : await this.graph.firstEventOf(identifier);
    const { version, ...definition } = await this.rules.inForce();
    if (!stay && links.length === 0 && alone === undefined) return failed(notFound(identifier, definition));

    const rules = new IdentityRules(definition);
    const validated = await decidedLinks(
      this.graph,
      links,
      new Set(members),
      rules,
      await this.splits.pairsApart(),
    );
    const joined = validated.filter(({ state }) => state === 'joined').map(({ link }) => link);
    const shown = joinedFirst(validated).slice(0, MOST_SHOWN_LINKS);
    const apart =
      to === undefined || members.includes(to) ? undefined : await this.#apartFrom(to, definition);
    if (apart?.ok === false) return apart;
    const path = to !== undefined && members.includes(to) ? chainOf(joined, identifier, to) : undefined;
    return ok(
      toShownGraph({
        identifier,
        profileId,
        members,
        stays,
        links: shown,
        path,
        apart: apart?.value,
        alone,
        firstEvents: await this.#firstEvents([...shown.map(({ link }) => link), ...(path ?? [])], links),
        splits: await this.splits.naming(new Set(members)),
        rulesVersion: version,
        truncated: assigned.length > MOST_IDENTIFIERS || links.length > MOST_SHOWN_LINKS,
      }),
    );
  }

  /** Where an identifier is that is not of the profile. */
  async #apartFrom(to: Identifier, definition: RulesDefinition): Promise<Result<Apart, ApiFailure>> {
    const [stay] = await this.graph.stays([to]);
    const isKnown = stay !== undefined || (await this.graph.firstEventOf(to)) !== undefined;
    if (!isKnown) return failed(notFound(to, definition));
    const profileId = stay?.profileId ?? profileIdOf(currentWorkspace(), to);
    const message = `${to} is in another profile: no link that is accepted leads there.`;
    return ok({ identifier: to, profileId, message });
  }

  /** Whoever is the primary identifier of an event that bore a pair is an end of a link of the profile's, too. */
  async #firstEvents(shown: readonly StoredLink[], links: readonly StoredLink[]) {
    const pairs = new Map(shown.map((link) => [link, endsOf(link)]));
    return this.graph.firstEvents([...pairs.values()], [...new Set(links.flatMap(endsOf))]);
  }
}

function endsOf({ ends: [a, b] }: StoredLink): readonly [Identifier, Identifier] {
  return [a.identifier, b.identifier];
}

function joinedFirst(links: readonly DecidedLink[]): readonly DecidedLink[] {
  const isJoined = ({ state }: DecidedLink) => state === 'joined';
  return [...links.filter(isJoined), ...links.filter((link) => !isJoined(link))];
}
