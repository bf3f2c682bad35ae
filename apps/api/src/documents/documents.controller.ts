import { Controller, Get, Header, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Public } from '@tributary/service';
import { describeApi } from './api-description.js';
import { PAGE, STARTER } from './page.js';

@Public()
@Controller()
export class DocumentsController {
  #openApi: OpenAPIObject | undefined;

  /** To be called once the application knows its routes: none of its own parts can reach it. */
  describe(app: INestApplication): void {
    this.#openApi = describeApi(app);
  }

  @Get('openapi.json')
  document(): OpenAPIObject {
    if (!this.#openApi) throw new Error('the application was not described at its start');
    return this.#openApi;
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
