// Stands in for the migrations: proves that the database is there, or fails as told.
if (process.env.SMALL_MIGRATE_FAILS) throw new Error('table "thing" is in the way');
if (!process.env.PG_URL) throw new Error('no PG_URL');
