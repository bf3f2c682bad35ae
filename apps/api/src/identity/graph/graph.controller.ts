import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Needs } from '../../access/needs.js';
import { orThrow } from '../../http/api.errors.js';
import { Fails } from '../../http/route.decorators.js';
import { GraphDto, GraphQuery, type ShownGraph } from './graph.dto.js';
import { GraphService, MOST_IDENTIFIERS, MOST_SHOWN_LINKS } from './graph.service.js';

@ApiTags('identity')
@Needs('read')
@Controller('v1/identity/graph')
export class GraphController {
  constructor(private readonly graph: GraphService) {}

  @Get()
  @ApiOperation({
    summary: 'Why an identifier belongs to its profile',
    description: `The identifiers of its profile, the links between them and to others, the event that first bore each, and by which rule a link was refused. At most ${MOST_IDENTIFIERS} identifiers and ${MOST_SHOWN_LINKS} links. It is read from the tables, which follow the stream by about a second.`,
  })
  @ApiOkResponse({ standardSchema: GraphDto })
  @Fails(400, [404, 'it occurred on no event'], 503)
  async of(@Query({ schema: GraphQuery }) { identifier, to }: GraphQuery): Promise<ShownGraph> {
    return orThrow(await this.graph.of(identifier, to));
  }
}
