import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '@tributary/service';
import { WELCOME_PAGE, WELCOME_SCRIPT } from './welcome.page.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Where a link leads that is good once. */
@Public()
@Controller('welcome')
export class WelcomeController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('referrer-policy', 'no-referrer')
  @Header('cache-control', 'no-store')
  page(): string {
    return WELCOME_PAGE;
  }

  @Get('start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return WELCOME_SCRIPT;
  }
}
