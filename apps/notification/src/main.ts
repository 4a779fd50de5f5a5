import { run } from '@veche/platform-runtime';
import { AppModule } from './app.module.ts';

await run(AppModule, { publicPort: false });
