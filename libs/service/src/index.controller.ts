import { Controller, Get, Inject } from '@nestjs/common';
import { Public } from './public.decorator.js';
import { ABOUT } from './tokens.js';

/** What a person who opens a service's address wants to know: which service it is, and where to go on. */
@Public()
@Controller()
export class IndexController {
  constructor(@Inject(ABOUT) private readonly about: Readonly<Record<string, string>>) {}

  @Get()
  show(): Readonly<Record<string, string>> {
    return { ...this.about, ready: '/health/ready', metrics: '/metrics' };
  }
}
