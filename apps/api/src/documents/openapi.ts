import { Global, Module, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { CLOCK, CONFIG, HEALTH, LOGGER, METRICS, ROUTES } from '@tributary/service';
import { AppModule } from '../app.module.js';
import { describeApi } from './api-description.js';

/** A preview makes nothing, but wants to know that it could. */
const parts = [CLOCK, CONFIG, HEALTH, LOGGER, METRICS, ROUTES].map((provide) => ({ provide, useValue: {} }));

@Global()
@Module({ providers: parts, exports: parts.map(({ provide }) => provide) })
class PreviewModule {}

const PREVIEW: Pick<NestApplicationOptions, 'preview' | 'abortOnError' | 'logger'> = {
  preview: true,
  abortOnError: false,
  logger: false,
};

/**
 * The OpenAPI document, for programs that write it down. Needs neither settings nor servers; it silences Nest's
 * logger in the process.
 */
export async function openApiDocument(): Promise<OpenAPIObject> {
  const root = { module: PreviewModule, imports: [AppModule] };
  return describeApi(await NestFactory.create(root, new FastifyAdapter(), PREVIEW));
}
