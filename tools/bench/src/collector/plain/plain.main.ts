import 'reflect-metadata';
import { ValidationPipe, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { PlainCollectorModule } from './plain-collector.module.js';

// A collector as one writes it who does not measure: the other side of the comparison. It says that it is ready as a
// service does, so that the supervisor can run it.

const options: Pick<NestApplicationOptions, 'logger'> = { logger: ['warn', 'error'] };
const app = await NestFactory.create<NestFastifyApplication>(
  PlainCollectorModule,
  new FastifyAdapter(),
  options,
);
app.useGlobalPipes(new ValidationPipe({ transform: true }));
app.enableShutdownHooks(['SIGTERM']);
process.on('disconnect', () => {
  void app.close().finally(() => process.exit(0));
});
await app.listen(0, '127.0.0.1');
process.send?.({ type: 'ready', url: await app.getUrl() });
