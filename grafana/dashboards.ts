import type { Page } from './dashboard.ts';
import { edge } from './dashboards/edge.ts';
import { overview } from './dashboards/overview.ts';

/** Every dashboard there is. */
export const DASHBOARDS: readonly Page[] = [edge, overview];
