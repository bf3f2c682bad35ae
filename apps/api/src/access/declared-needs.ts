import { Injectable, RequestMethod, type OnModuleInit, type Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { PUBLIC } from '@tributary/service';
import { NEEDS } from './needs.js';

/** Refuses to start where a route does not say what it needs: it would be forgotten, and nobody would notice. */
@Injectable()
export class DeclaredNeeds implements OnModuleInit {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const controllers = [...this.modules.values()].flatMap((module) => [...module.controllers.values()]);
    const silent = controllers.flatMap(({ metatype }) => this.#silentOf(metatype as Type));
    if (silent.length === 0) return;
    throw new Error(
      `these routes do not say what they need: ${silent.join(', ')}; add @Needs(…), @NeedsSignIn() or @Public()`,
    );
  }

  #silentOf(controller: Type): readonly string[] {
    const { prototype } = controller as { readonly prototype: Record<string, unknown> };
    return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name] as () => unknown;
      const method = this.reflector.get<RequestMethod | undefined>('method', handler);
      if (method === undefined) return [];
      const says = [NEEDS, PUBLIC].some(
        (key) => this.reflector.getAllAndOverride<unknown>(key, [handler, controller]) !== undefined,
      );
      return says ? [] : [`${controller.name}.${name}`];
    });
  }
}
