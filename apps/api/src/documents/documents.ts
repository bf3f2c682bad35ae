import { Injectable, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { describeApi } from './api-description.js';

/** The OpenAPI document of the application that runs. */
@Injectable()
export class Documents {
  #openApi: OpenAPIObject | undefined;

  /** To be called once the application knows its routes: none of its own parts can reach it. */
  describe(app: INestApplication): void {
    this.#openApi = describeApi(app);
  }

  get openApi(): OpenAPIObject {
    if (!this.#openApi)
      throw new Error('the application was not described: call Documents.describe at start');
    return this.#openApi;
  }
}
