import type { CustomTransportStrategy } from '@nestjs/microservices';

/** The consumer groups of a service, one Nest transport each. What is added while modules are made is started. */
export class ConsumerGroups {
  readonly #strategies: CustomTransportStrategy[] = [];

  add(strategy: CustomTransportStrategy): void {
    this.#strategies.push(strategy);
  }

  get strategies(): readonly CustomTransportStrategy[] {
    return this.#strategies;
  }
}
