import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { SourceMessage } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { compilePlan, type CompiledPlan } from '@tributary/plans';
import { CONFIG, HEALTH, HealthRegistry, LOGGER, type Logger } from '@tributary/service';
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { CollectorConfig } from '../collector.config.js';
import { InFlight } from '../log/in-flight.js';
import { ControlTopicFollower } from './control-topic.follower.js';
import { toKeyedSource } from './mapping.js';
import { BUILT_IN, sourceIndex, type KeyedSource } from './source-index.js';
import type { Source, SourceRegistry } from './source-registry.port.js';
import { SourcesCopy } from './sources-copy.js';

/** How long a start waits for the topic where there is a copy to begin with. */
const PATIENCE_MS = 10_000;

/** A definition in force, and what was made of it. */
interface InForce {
  readonly message: SourceMessage;
  readonly planText: string;
  readonly plan: CompiledPlan | undefined;
  readonly keyed: KeyedSource;
}

/**
 * The sources as `control.sources.v1` has them, and the built-in one. Where Kafka is away at the start, those that
 * were known last: a client that is told that its key is unknown drops its events for good.
 */
@Injectable()
export class KafkaSourceRegistry implements SourceRegistry, OnModuleInit, OnModuleDestroy {
  readonly #follower: ControlTopicFollower;
  readonly #copy: SourcesCopy;
  readonly #builtIn: KeyedSource;
  readonly #firstTry = Promise.withResolvers<undefined>();
  #inForce = new Map<string, InForce>();
  #index: ReadonlyMap<string, Source> = new Map();
  #byId: ReadonlyMap<string, Source> = new Map();
  #isKnown = false;
  #change: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) health: HealthRegistry,
    connection: KafkaConnection,
    private readonly inFlight: InFlight,
  ) {
    const workspaceId = config.TRIBUTARY_WORKSPACE;
    this.#copy = new SourcesCopy(config.TRIBUTARY_DATA);
    this.#builtIn = {
      writeKeys: [config.TRIBUTARY_WRITE_KEY],
      source: { workspaceId, sourceId: BUILT_IN, enabled: true },
    };
    this.#follower = new ControlTopicFollower({
      connection,
      layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
      workspaceId,
      logger,
      onSources: (sources) => this.#follow([...sources.values()]),
      onFailure: (error) => {
        logger.warn({ err: error }, 'sources are not followed; trying again');
        this.#firstTry.resolve(undefined);
      },
    });
    health.add('sources', () => this.#isKnown);
  }

  /** Waits for the topic, so that no key of today is refused by the copy of yesterday; not for ever. */
  async onModuleInit(): Promise<void> {
    void this.#follower.run();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, undefined);
    });
    await Promise.race([this.#firstTry.promise, late]);
    clearTimeout(timer);
    if (!this.#isKnown) await this.#beginWithCopy();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#follower.stop();
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  sourceOf(writeKey: string): Source | undefined {
    return this.#index.get(writeKey);
  }

  sourceWithId(sourceId: string): Source | undefined {
    return this.#byId.get(sourceId);
  }

  async #beginWithCopy(): Promise<void> {
    try {
      const sources = await this.#copy.read();
      // The topic may have been read meanwhile.
      if (!sources || this.#isKnown) return;
      this.logger.warn({ sources: sources.length }, 'kafka is away: sources are those known last');
      await this.#inTurn(() => this.#put(sources));
    } catch (error) {
      this.logger.error({ err: error }, 'the copy of the sources is unreadable');
    }
  }

  /** The copy is written once they are in force; a crash between the two leaves the one before, for the next start. */
  async #follow(sources: readonly SourceMessage[]): Promise<void> {
    await this.#inTurn(() => this.#put(sources));
    this.#firstTry.resolve(undefined);
    try {
      await this.#copy.write(sources);
    } catch (error) {
      this.logger.error({ err: error }, 'the copy of the sources was not written');
    }
  }

  async #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#change.then(change);
    this.#change = changed.catch(() => undefined);
    return changed;
  }

  async #put(sources: readonly SourceMessage[]): Promise<void> {
    const inForce = new Map<string, InForce>();
    for (const message of sources) inForce.set(message.id, await this.#made(message));
    this.#inForce = inForce;
    const keyed = [...inForce.values()].map((one) => one.keyed);
    this.#index = sourceIndex(keyed, this.#builtIn);
    this.#byId = new Map([this.#builtIn, ...keyed].map(({ source }) => [source.sourceId, source]));
    // The built-in one, and those whose key is in the body and not known before it is read.
    this.inFlight.shareAmong(keyed.length + 2);
    this.#isKnown = true;
  }

  async #made(message: SourceMessage): Promise<InForce> {
    const before = this.#inForce.get(message.id);
    if (before?.message === message) return before;
    const planText = JSON.stringify(message.plan ?? null);
    const plan = before?.planText === planText ? before.plan : await this.#compiled(message);
    return { message, planText, plan, keyed: toKeyedSource(message, plan) };
  }

  /** A plan that cannot be compiled, written past the API, judges nothing: events are not lost over it. */
  async #compiled({ id, plan }: SourceMessage): Promise<CompiledPlan | undefined> {
    if (!plan) return undefined;
    const compiled = await compilePlan(plan, turnOfOthers);
    if (compiled.ok) return compiled.value;
    this.logger.error({ source: id, problems: compiled.error.slice(0, 5) }, 'plan is not in force');
    return undefined;
  }
}
