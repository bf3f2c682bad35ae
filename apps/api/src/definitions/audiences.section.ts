import { Injectable } from '@nestjs/common';
import type { AudienceMessage } from '@tributary/contracts';
import { ControlPlane } from '@tributary/control';
import { AudienceBody, AudienceKey } from '../audiences/audience.dto.js';
import { AUDIENCES } from '../audiences/audience.kind.js';
import { AudiencesService } from '../audiences/audiences.service.js';
import { QuerySection, type PropertiesOf } from './query.section.js';

@Injectable()
export class AudiencesSection extends QuerySection<
  AudienceMessage,
  PropertiesOf<typeof AudienceKey>,
  PropertiesOf<typeof AudienceBody>
> {
  readonly name = 'audiences';
  readonly what = 'audience';

  constructor(plane: ControlPlane, audiences: AudiencesService) {
    super(plane.definitions(AUDIENCES), {
      key: AudienceKey,
      body: AudienceBody,
      wanted: (key, body, before) => audiences.wanted(key, body, before),
    });
  }
}
