import { Controller, Get, Header } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Public } from '@tributary/service';
import { Documents } from './documents.js';
import { PAGE, STARTER } from './page.js';

@Public()
@Controller()
export class DocumentsController {
  constructor(private readonly documents: Documents) {}

  @Get('openapi.json')
  document(): OpenAPIObject {
    return this.documents.openApi;
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
