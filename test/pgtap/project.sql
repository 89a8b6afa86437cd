-- What is written down twice says the same: the quick start, the version, the names of the tests.
\ir ../begin.sql
SELECT plan(6);

\set readme `cat README.md`
\set quickstart `cat sql/quickstart.sql`
\set meta `cat META.json`
\set changelog `cat CHANGELOG.md`

-- The first block of SQL installs; the others are the quick start.
SELECT is(
  (SELECT string_agg(block[1], E'\n' ORDER BY place)
   FROM regexp_matches(:'readme', E'```sql\n(.*?)\n```', 'g') WITH ORDINALITY AS found (block, place)
   WHERE place > 1),
  regexp_replace(:'quickstart'::text, E'^--[^\n]*\nSET client_min_messages = warning;\n|\n\n-- What follows is not of the README.*$', '', 'g'),
  'sql/quickstart.sql is the quick start of README.md');

SELECT is(:'meta'::jsonb ->> 'version', extversion, 'META.json has the version of the control file')
FROM pg_extension WHERE extname = 'salesmgmt';
SELECT is(:'meta'::jsonb #>> '{provides,salesmgmt,version}', extversion, 'and so has what it provides')
FROM pg_extension WHERE extname = 'salesmgmt';
SELECT matches(:'changelog'::text, '## ' || replace(extversion, '.', '\.') || '\M', 'CHANGELOG.md knows it')
FROM pg_extension WHERE extname = 'salesmgmt';

-- The Makefile lists its tests; one that it does not list would never run.
\set listed `sed -n -E 's/^(PGTAP|REAL|TAP|ISOLATION|REGRESS|SUBJECT_RULES|REPORTS) = //p' Makefile`
\set written `grep -l 'finish()' test/pgtap/*.sql test/real/*.sql; ls sql/*.sql test/isolation/specs/*.spec test/t/*.pl`
CREATE TEMP TABLE listed AS SELECT name FROM regexp_split_to_table(:'listed', '\s+') AS name WHERE name !~ '^\$';
CREATE TEMP TABLE written AS
SELECT file, substring(file FROM '([^/]+)\.[a-z]+$') AS name FROM regexp_split_to_table(:'written', '\s+') AS file;
SELECT is_empty($$ SELECT file FROM written WHERE name NOT IN (SELECT name FROM listed) $$, 'the Makefile lists every test');
SELECT is_empty($$ SELECT name FROM listed WHERE name NOT IN (SELECT name FROM written) $$, 'and every test that it lists is there');

SELECT * FROM finish();
ROLLBACK;
