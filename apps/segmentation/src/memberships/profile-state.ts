import type { ChangeCause } from '@tributary/contracts';
import type { ProfileFragments } from '@tributary/profiles';

/** What the world was last told of a profile's place in an audience. */
export interface Registered {
  readonly member: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly meaning: string;
  /** As it was told. */
  readonly cause?: ChangeCause;
  readonly causedBy?: string;
  readonly movedTo?: string;
}

/** One profile as segmentation holds it: plain JSON. */
export interface ProfileState {
  readonly workspaceId: string;
  readonly profileId: string;
  readonly fragments: ProfileFragments;
  /** By the audience's key. */
  readonly register: Record<string, Registered>;
  /** When a window passes next, by the audience's key; in milliseconds since 1970. */
  deadlines?: Record<string, number>;
  /** Folded while catching up, and not yet judged. */
  unjudged?: boolean;
}

/** Of a partition: how far its memberships log is read, the highest epoch in it, the definitions it was judged by. */
export interface PartitionState {
  readonly membershipsOffset: number;
  readonly epoch: number;
  /** `workspaceId/key` → meaning. */
  readonly judgedBy: Record<string, string>;
  readonly isCatchingUp: boolean;
}

/** Why a profile is judged anew. */
export interface Occasion {
  readonly cause: ChangeCause;
  readonly causedBy?: string;
  /** The instant of the judgement, in milliseconds since 1970. */
  readonly now: number;
}
