import { Controller, Get, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { orThrow } from '../../http/api.errors.js';
import { ErrorDto } from '../../http/error.dto.js';
import { Secured } from '../../http/secured.decorator.js';
import { GraphDto, GraphQuery } from './graph.dto.js';
import { GraphService, MOST_IDENTIFIERS, MOST_SHOWN_LINKS } from './graph.service.js';
import type { ShownGraph } from './shown-graph.js';

@ApiTags('identity')
@Secured()
@Controller('v1/identity/graph')
export class GraphController {
  constructor(private readonly graph: GraphService) {}

  @Get()
  @ApiOperation({
    summary: 'Why an identifier belongs to its profile',
    description: `The identifiers of its profile, the links between them and to others, the event that first bore each, and by which rule a link was refused. At most ${MOST_IDENTIFIERS} identifiers and ${MOST_SHOWN_LINKS} links. It is read from the tables, which follow the stream by about a second.`,
  })
  @ApiOkResponse({ type: GraphDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'it occurred on no event' })
  @ApiServiceUnavailableResponse({ type: ErrorDto })
  async of(@Query() { identifier, to }: GraphQuery): Promise<ShownGraph> {
    return orThrow(await this.graph.of(identifier, to));
  }
}
