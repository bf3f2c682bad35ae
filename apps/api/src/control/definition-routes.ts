import {
  applyDecorators,
  Body as BodyOf,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put as PutMethod,
  Query,
  Res,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import type { Result } from '@tributary/kernel';
import { orThrow, type ApiFailure } from '../http/api.errors.js';
import type { SchemaFor } from '../http/dto.js';
import { PageQuery } from '../http/page.dto.js';
import type { Page } from '../http/page.js';
import { accepted, answer, type Outcome } from '../http/reply.js';
import { BodyExamples, Changes, Conditional, Fails, IfMatches } from '../http/route.decorators.js';
import { By } from './author.js';
import type { Preconditions } from './changes.js';
import type { ByWhom } from './definition-changes.js';
import type { Put } from './definition-resource.js';
import { VersionPageDto, type ShownVersion } from './versions.dto.js';

export interface Versioned {
  readonly version: number;
}

/** What routes change the definitions of a kind by; `P` names one. */
export interface ChangedDefinitions<P, Body, Shown> {
  put(one: P, body: Body, preconditions: Preconditions, by: ByWhom): Promise<Result<Put<Shown>, ApiFailure>>;
  versions(one: P, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>>;
  restore(
    one: P,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<Put<Shown>, ApiFailure>>;
  remove(one: P, preconditions: Preconditions, by: ByWhom): Promise<Result<Outcome, ApiFailure>>;
}

/** What routes read and change the definitions of a kind by; a list is asked for by `Q`. */
export interface RoutedDefinitions<P, Q, Body, Shown> extends ChangedDefinitions<P, Body, Shown> {
  list(query: Q): Promise<Result<Page<Shown>, ApiFailure>>;
  find(one: P): Promise<Result<Shown, ApiFailure>>;
}

type Described = Pick<
  NonNullable<Parameters<typeof ApiOperation>[0]>,
  'summary' | 'description' | 'operationId'
>;

/** The routes that change the definitions of a kind, as the documents have them. */
interface DescribedChanges {
  /** The path of one, such as `:key`. */
  readonly one: string;
  readonly shown: SchemaFor<unknown>;
  readonly examples?: Parameters<typeof BodyExamples>[0];
  /** What whoever reads needs, and whoever changes: decorators of a class do not reach what it inherits. */
  readonly needs: Readonly<Record<'read' | 'write', MethodDecorator>>;
  readonly put: Described & { readonly kept?: string };
  readonly versions: Described;
  readonly restore?: Described;
  readonly remove: Described;
  /** Failures of every route of one. */
  readonly every?: readonly number[];
  readonly conflicts: Readonly<Record<'put' | 'restore', string>> & { readonly remove?: string };
}

interface DescribedReads {
  readonly page: SchemaFor<unknown>;
  readonly list: Described;
  readonly find: Described;
}

/** Routes that change definitions; `P` names one. */
export interface ChangeRoutes<P, Body, Shown> extends DescribedChanges {
  readonly id: SchemaFor<P>;
  readonly version: SchemaFor<P & Versioned>;
  readonly body: SchemaFor<Body>;
  readonly shown: SchemaFor<Shown>;
}

/** All routes of the definitions of a kind. */
export interface DefinitionRoutes<P, Q, Body, Shown> extends ChangeRoutes<P, Body, Shown>, DescribedReads {
  readonly query: SchemaFor<Q>;
}

const RESTORED: Described = {
  summary: 'Put a version in force once more, as a new one; this undoes a removal, too',
};

/**
 * A controller that a kind's own extends: it changes definitions, and shows their versions. What Nest reads of a method
 * that is inherited is what it reads of one's own.
 */
export function changingController<P extends object, Body, Shown extends Versioned>(
  routes: ChangeRoutes<P, Body, Shown>,
) {
  class ChangingController {
    constructor(readonly definitions: ChangedDefinitions<P, Body, Shown>) {}

    @PutRoute(routes)
    async put(
      @Param({ schema: routes.id }) one: P,
      @BodyOf({ schema: routes.body }) body: Body,
      @IfMatches() preconditions: Preconditions,
      @By() by: ByWhom,
      @Res({ passthrough: true }) reply: HttpReply,
    ): Promise<Shown> {
      const { shown, ...outcome } = orThrow(await this.definitions.put(one, body, preconditions, by));
      return answer(reply, shown, outcome);
    }

    @VersionsRoute(routes)
    async versions(
      @Param({ schema: routes.id }) one: P,
      @Query({ schema: PageQuery }) page: PageQuery,
    ): Promise<Page<ShownVersion>> {
      return orThrow(await this.definitions.versions(one, page));
    }

    @RestoreRoute(routes)
    async restore(
      @Param({ schema: routes.version }) { version, ...one }: P & Versioned,
      @IfMatches() preconditions: Preconditions,
      @By() by: ByWhom,
      @Res({ passthrough: true }) reply: HttpReply,
    ): Promise<Shown> {
      const restored = await this.definitions.restore(one as unknown as P, version, preconditions, by);
      const { shown, ...outcome } = orThrow(restored);
      return answer(reply, shown, outcome);
    }

    @RemoveRoute(routes)
    async remove(
      @Param({ schema: routes.id }) one: P,
      @IfMatches() preconditions: Preconditions,
      @By() by: ByWhom,
      @Res({ passthrough: true }) reply: HttpReply,
    ): Promise<void> {
      accepted(reply, orThrow(await this.definitions.remove(one, preconditions, by)));
    }
  }
  return ChangingController;
}

/** As {@link changingController}, with the routes that list and find. */
export function definitionsController<P extends object, Q, Body, Shown extends Versioned>(
  routes: DefinitionRoutes<P, Q, Body, Shown>,
) {
  class DefinitionsController extends changingController(routes) {
    constructor(override readonly definitions: RoutedDefinitions<P, Q, Body, Shown>) {
      super(definitions);
    }

    @ListRoute(routes)
    async list(@Query({ schema: routes.query }) query: Q): Promise<Page<Shown>> {
      return orThrow(await this.definitions.list(query));
    }

    @FindRoute(routes)
    async find(
      @Param({ schema: routes.id }) one: P,
      @Res({ passthrough: true }) reply: HttpReply,
    ): Promise<Shown> {
      return answer(reply, orThrow(await this.definitions.find(one)));
    }
  }
  return DefinitionsController;
}

const ListRoute = ({ needs, list, page, every = [] }: DescribedChanges & DescribedReads) =>
  applyDecorators(
    Get(),
    needs.read,
    ApiOperation(list),
    ApiOkResponse({ standardSchema: page }),
    Fails(...every),
  );

const FindRoute = ({ one, needs, find, shown, every = [] }: DescribedChanges & DescribedReads) =>
  applyDecorators(
    Get(one),
    needs.read,
    ApiOperation(find),
    ApiOkResponse({ standardSchema: shown }),
    Fails(404, ...every),
  );

const PutRoute = ({ one, needs, put, shown, examples, conflicts }: DescribedChanges) => {
  const { kept, ...operation } = put;
  return applyDecorators(
    PutMethod(one),
    needs.write,
    ApiOperation(operation),
    Changes(),
    Conditional('If-Match', 'If-None-Match'),
    ...(examples ? [BodyExamples(examples)] : []),
    ApiOkResponse({ standardSchema: shown, ...(kept === undefined ? {} : { description: kept }) }),
    ApiCreatedResponse({ standardSchema: shown }),
    Fails(400, [409, conflicts.put]),
  );
};

const VersionsRoute = ({ one, needs, versions, every = [] }: DescribedChanges) =>
  applyDecorators(
    Get(`${one}/versions`),
    needs.read,
    ApiOperation(versions),
    ApiOkResponse({ standardSchema: VersionPageDto }),
    Fails(503, ...every),
  );

const RestoreRoute = ({ one, needs, restore = RESTORED, shown, conflicts }: DescribedChanges) =>
  applyDecorators(
    Post(`${one}/versions/:version/restore`),
    needs.write,
    HttpCode(200),
    ApiOperation(restore),
    Changes(),
    Conditional('If-Match', 'If-None-Match'),
    ApiOkResponse({ standardSchema: shown }),
    ApiCreatedResponse({ standardSchema: shown }),
    Fails(400, 404, [409, conflicts.restore]),
  );

const RemoveRoute = ({ one, needs, remove, conflicts, every = [] }: DescribedChanges) =>
  applyDecorators(
    Delete(one),
    needs.write,
    HttpCode(204),
    ApiOperation(remove),
    Changes(),
    Conditional('If-Match'),
    ApiNoContentResponse(),
    Fails(404, ...(conflicts.remove === undefined ? [] : [[409, conflicts.remove] as const]), ...every),
  );
