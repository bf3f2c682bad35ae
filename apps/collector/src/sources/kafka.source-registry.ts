import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SourceMessage, TOPICS } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import { compilePlan, type CompiledPlan } from '@tributary/plans';
import { CONFIG, HEALTH, HealthRegistry, LOGGER, type Logger } from '@tributary/service';
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { CollectorConfig } from '../collector.config.js';
import { FollowedDefinitions } from '../control/followed-definitions.js';
import { InFlight } from '../log/in-flight.js';
import { toKeyedSource } from './keyed-source.js';
import { BUILT_IN, sourceIndex, type KeyedSource } from './source-index.js';
import type { Source, SourceRegistry } from './source-registry.port.js';

/** A definition in force, and what was made of it. */
interface InForce {
  readonly message: SourceMessage;
  readonly planText: string;
  readonly plan: CompiledPlan | undefined;
  readonly keyed: KeyedSource;
}

/**
 * The sources as `control.sources.v1` has them, and the built-in one. Where Kafka is away at the start, those that
 * were known last: a client whose key is answered as unknown drops its events for good.
 */
@Injectable()
export class KafkaSourceRegistry implements SourceRegistry, OnModuleInit, OnModuleDestroy {
  readonly #followed: FollowedDefinitions<typeof SourceMessage>;
  readonly #builtIn: KeyedSource;
  /** By `workspaceId/sourceId`. */
  #inForce = new Map<string, InForce>();
  #index: ReadonlyMap<string, Source> = new Map();
  /** By `workspaceId/sourceId`. */
  #byId: ReadonlyMap<string, Source> = new Map();

  constructor(
    @Inject(CONFIG) config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) health: HealthRegistry,
    connection: KafkaConnection,
    private readonly inFlight: InFlight,
  ) {
    this.#builtIn = {
      writeKeys: [config.TRIBUTARY_WRITE_KEY],
      source: { workspaceId: config.TRIBUTARY_WORKSPACE, sourceId: BUILT_IN, enabled: true },
    };
    this.#followed = new FollowedDefinitions({
      config,
      connection,
      logger,
      topic: TOPICS.sources,
      schema: SourceMessage,
      name: 'sources',
      put: (sources) => this.#put(sources),
    });
    health.add('sources', () => this.isKnown);
  }

  async onModuleInit(): Promise<void> {
    await this.#followed.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#followed.stop();
  }

  get isKnown(): boolean {
    return this.#followed.isKnown;
  }

  sourceOf(writeKey: string): Source | undefined {
    return this.#index.get(writeKey);
  }

  sourceWithId(workspaceId: string, sourceId: string): Source | undefined {
    return this.#byId.get(scopedKey(workspaceId, sourceId));
  }

  async #put(sources: readonly SourceMessage[]): Promise<void> {
    const inForce = new Map<string, InForce>();
    for (const message of sources)
      inForce.set(scopedKey(message.workspaceId, message.id), await this.#made(message));
    this.#inForce = inForce;
    const keyed = [...inForce.values()].map((one) => one.keyed);
    this.#index = sourceIndex(keyed, this.#builtIn);
    this.#byId = new Map(
      [this.#builtIn, ...keyed].map(({ source }) => [scopedKey(source.workspaceId, source.sourceId), source]),
    );
    // The built-in one, and those whose key is in the body and not known before it is read.
    this.inFlight.shareAmong(keyed.length + 2);
  }

  async #made(message: SourceMessage): Promise<InForce> {
    const before = this.#inForce.get(scopedKey(message.workspaceId, message.id));
    if (before?.message === message) return before;
    const planText = JSON.stringify(message.plan ?? null);
    const plan = before?.planText === planText ? before.plan : await this.#compiled(message);
    return { message, planText, plan, keyed: toKeyedSource(message, plan) };
  }

  /** A plan that cannot be compiled, written past the API, validates nothing: events are not lost over it. */
  async #compiled({ workspaceId, id, plan }: SourceMessage): Promise<CompiledPlan | undefined> {
    if (!plan) return undefined;
    const compiled = await compilePlan(plan, turnOfOthers);
    if (compiled.ok) return compiled.value;
    const problems = compiled.error.slice(0, 5);
    this.logger.error({ workspace: workspaceId, source: id, problems }, 'plan is not in force');
    return undefined;
  }
}
