import fastifyStatic from '@fastify/static';
import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { DocumentsController } from './documents.controller.js';

const ASSETS = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

@Module({ controllers: [DocumentsController] })
export class DocumentsModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  /** Not awaited: that would make fastify ready before Nest has set its handler of errors. */
  onModuleInit(): void {
    void this.host.httpAdapter.getInstance().register(fastifyStatic, {
      root: ASSETS,
      prefix: '/docs/assets/',
      index: false,
      maxAge: '1h',
    });
  }
}
