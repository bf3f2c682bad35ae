import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** Describes every route of the API. Needs neither settings nor servers: nothing is started for it. */
export async function openApiDocument(): Promise<OpenAPIObject> {
  // The routes import the documents, which describe the routes.
  const { AppModule } = await import('../app.module.js');
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), {
    preview: true,
    abortOnError: false,
  });
  const document = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tributary')
    .setDescription('Profiles, and the audiences that they are in.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'the token is the user; no password' })
    .build();
  return SwaggerModule.createDocument(app, document, {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}.${method}`,
  });
}
