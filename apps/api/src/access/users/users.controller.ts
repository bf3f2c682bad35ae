import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { HttpReply } from '@tributary/service';
import type { Preconditions } from '../../control/changes.js';
import { orThrow } from '../../http/api.errors.js';
import { PageQuery } from '../../http/page.dto.js';
import type { Page } from '../../http/page.js';
import { answer } from '../../http/reply.js';
import { BodyExamples, Conditional, Fails, IfMatches } from '../../http/route.decorators.js';
import { From, type Caller } from '../caller.js';
import { Needs } from '../needs.js';
import {
  LinkDto,
  NewUserBody,
  NewUserDto,
  USER_EXAMPLES,
  UserBody,
  UserDto,
  UserId,
  UserPageDto,
  type NewUser,
  type ShownLink,
  type ShownUser,
} from './user.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('access')
@Needs('admin')
@Controller('v1/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiOperation({ summary: 'All users, by id' })
  @ApiOkResponse({ standardSchema: UserPageDto })
  @Fails(400, 503)
  async list(@Query({ schema: PageQuery }) page: PageQuery): Promise<Page<ShownUser>> {
    return orThrow(await this.users.list(page));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One user' })
  @ApiOkResponse({ standardSchema: UserDto })
  @Fails(404, 503)
  async find(
    @Param({ schema: UserId }) { id }: UserId,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownUser> {
    return answer(reply, orThrow(await this.users.find(id)));
  }

  @Post()
  @ApiOperation({
    summary: 'Add a user',
    description: 'The answer has a link where the user sets a password: hand it over yourself.',
  })
  @BodyExamples(USER_EXAMPLES)
  @ApiCreatedResponse({ standardSchema: NewUserDto })
  @Fails(400, [409, 'the email address is another user’s, or there are as many users as may be'], 503)
  async create(
    @Body({ schema: NewUserBody }) body: NewUserBody,
    @From() { principal }: Caller,
  ): Promise<NewUser> {
    return orThrow(await this.users.create(body, principal));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Change the name or the role of a user, or disable them' })
  @Conditional('If-Match')
  @ApiOkResponse({ standardSchema: UserDto })
  @Fails(400, 404, 503)
  async change(
    @Param({ schema: UserId }) { id }: UserId,
    @Body({ schema: UserBody }) body: UserBody,
    @IfMatches() preconditions: Preconditions,
    @From() { principal }: Caller,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ShownUser> {
    return answer(reply, orThrow(await this.users.change(id, body, preconditions, principal)));
  }

  @Post(':id/link')
  @ApiOperation({ summary: 'A link where the user sets another password; its use ends their sessions' })
  @ApiCreatedResponse({ standardSchema: LinkDto })
  @Fails(404, 503)
  async link(@Param({ schema: UserId }) { id }: UserId, @From() { principal }: Caller): Promise<ShownLink> {
    return orThrow(await this.users.link(id, principal));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a user, who is signed out; what they did stays theirs' })
  @Conditional('If-Match')
  @ApiNoContentResponse()
  @Fails(404, 503)
  async remove(
    @Param({ schema: UserId }) { id }: UserId,
    @IfMatches() preconditions: Preconditions,
    @From() { principal }: Caller,
  ): Promise<void> {
    orThrow(await this.users.remove(id, preconditions, principal));
  }
}
