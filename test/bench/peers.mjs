// DuckDB and ClickHouse over the events of funnel.sh, in this process.
//
//   node peers.mjs FOLDER     reads arrival.csv and arrival64.csv there; then, line by line on standard input:
//     answer NAME   prints how many entities reached steps 1 to 5
//     time NAME     prints milliseconds
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'

// Modules are found where funnel.sh installed them: in the current folder.
const require = createRequire(process.cwd() + '/')
const { DuckDBInstance } = require('@duckdb/node-api')
const { Session } = require('chdb')

const folder = process.argv[2]
const tables = ['arrival', 'arrival64']
const window = 14 * 86400 * 1e6

const duck = await (await DuckDBInstance.create(':memory:')).connect()
for (const table of tables) {
  await duck.run(`CREATE TABLE ${table} AS SELECT * FROM read_csv('${folder}/${table}.csv', header = false,
    columns = {entity: 'BIGINT', step: 'INTEGER', moment: 'BIGINT'})`)
}

const house = new Session()
house.query('CREATE DATABASE bench')
for (const table of tables) {
  house.query(`CREATE TABLE bench.${table} (entity Int64, step Int32, at UInt64) ENGINE = MergeTree ORDER BY tuple()`)
  house.query(`INSERT INTO bench.${table} SELECT * FROM file('${folder}/${table}.csv', CSV, 'entity Int64, step Int32, at UInt64')`)
}

const clickhouse = (inner, threads) => `SELECT ${[1, 2, 3, 4, 5].map((k) => `countIf(level >= ${k})`)} FROM (${inner})
  SETTINGS max_threads = ${threads}`
const any = (table) => `SELECT windowFunnel(${window})(at, step = 1, step = 2, step = 3, step = 4, step = 5) AS level
  FROM bench.${table} GROUP BY entity`
const first = (table) => `SELECT tupleElement(arrayFold((a, x) -> if(x.2 = a.1 + 1 AND (a.1 = 0 OR x.1 <= a.2),
    (toInt32(a.1 + 1), if(a.1 = 0, x.1 + ${window}, a.2)), a),
    arraySort(groupArray((at, step))), (toInt32(0), toUInt64(0))), 1) AS level
  FROM bench.${table} GROUP BY entity`
const duckFirst = (table) => `SELECT ${[1, 2, 3, 4, 5].map((k) => `count(*) FILTER (level >= ${k})`)} FROM (
  SELECT list_reduce(list({moment: moment, step: step} ORDER BY moment, step),
    lambda a, x: CASE WHEN x.step = a.step + 1 AND (a.step = 0 OR x.moment <= a.moment)
      THEN {moment: CASE WHEN a.step = 0 THEN x.moment + ${window} ELSE a.moment END, step: a.step + 1} ELSE a END,
    {moment: 0::BIGINT, step: 0::INTEGER}).step AS level
  FROM ${table} GROUP BY entity)`
// t1 .. t5: the latest start of a chain that has come so far
const duckAny = (table) => `SELECT ${[1, 2, 3, 4, 5].map((k) => `count(chain.t${k})`)} FROM (
  SELECT list_reduce(list({moment: moment, step: step, t1: NULL::BIGINT, t2: NULL::BIGINT, t3: NULL::BIGINT, t4: NULL::BIGINT, t5: NULL::BIGINT}
      ORDER BY moment, step),
    lambda a, x: {moment: x.moment, step: x.step, t1: CASE WHEN x.step = 1 THEN x.moment ELSE a.t1 END,
      ${[2, 3, 4, 5].map((k) => `t${k}: CASE WHEN x.step = ${k} AND x.moment - a.t${k - 1} <= ${window} THEN a.t${k - 1} ELSE a.t${k} END`)}},
    {moment: 0::BIGINT, step: 0::INTEGER, t1: NULL::BIGINT, t2: NULL::BIGINT, t3: NULL::BIGINT, t4: NULL::BIGINT, t5: NULL::BIGINT}) AS chain
  FROM ${table} GROUP BY entity)`

async function run(name) {
  const threads = name.endsWith('2 threads') ? 2 : 1
  const table = name.includes('64-bit') ? 'arrival64' : 'arrival'
  if (name.startsWith('DuckDB')) {
    await duck.run(`SET threads = ${threads}`)
    return (await duck.runAndReadAll((name.includes('any') ? duckAny : duckFirst)(table))).getRows()[0].join(' ')
  }
  return house.query(clickhouse((name.includes('any') ? any : first)(table), threads), 'TSV').trim().replaceAll('\t', ' ')
}

console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...rest] = line.split(' ')
  const start = performance.now()
  const answer = await run(rest.join(' '))
  console.log(verb === 'time' ? (performance.now() - start).toFixed(1) : answer)
}
process.exit(0)
