import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { openApiDocument } from './openapi.js';
import { PAGE, STARTER } from './page.js';

@ApiExcludeController()
@Controller()
export class DocumentsController {
  #document: Promise<OpenAPIObject> | undefined;

  @Get('openapi.json')
  async document(): Promise<OpenAPIObject> {
    this.#document ??= openApiDocument();
    return this.#document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return PAGE;
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  starter(): string {
    return STARTER;
  }
}
