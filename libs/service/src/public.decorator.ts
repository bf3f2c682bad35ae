import { SetMetadata } from '@nestjs/common';

/** The metadata of a route, or of a controller, that {@link Public} opens: true. */
export const PUBLIC = 'tributary:public';

/** A route, or all of a controller's, that anybody may ask. A service that asks for a token asks for it everywhere else. */
export const Public = () => SetMetadata(PUBLIC, true);
