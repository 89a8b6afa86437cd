// DuckDB and ClickHouse over the events of funnel.sh, in this process.
//
//   node peers.mjs EVENTS.csv     then, line by line on standard input:
//     answer NAME   prints how many entities reached steps 1 to 5
//     time NAME     prints milliseconds
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'

// Modules are found where funnel.sh installed them: in the current folder.
const require = createRequire(process.cwd() + '/')
const { DuckDBInstance } = require('@duckdb/node-api')
const { Session } = require('chdb')

const file = process.argv[2]
const window = 14 * 86400 * 1e6

const duck = await (await DuckDBInstance.create(':memory:')).connect()
await duck.run(`CREATE TABLE arrival AS SELECT * FROM read_csv('${file}', header = false,
  columns = {entity: 'BIGINT', step: 'INTEGER', moment: 'BIGINT'})`)

const house = new Session()
house.query('CREATE DATABASE bench')
house.query(`CREATE TABLE bench.arrival (entity Int64, step Int32, at UInt64) ENGINE = MergeTree ORDER BY tuple()`)
house.query(`INSERT INTO bench.arrival SELECT * FROM file('${file}', CSV, 'entity Int64, step Int32, at UInt64')`)

const clickhouse = (inner, threads) => `SELECT ${[1, 2, 3, 4, 5].map((k) => `countIf(level >= ${k})`)} FROM (${inner})
  SETTINGS max_threads = ${threads}`
const any = `SELECT windowFunnel(${window})(at, step = 1, step = 2, step = 3, step = 4, step = 5) AS level
  FROM bench.arrival GROUP BY entity`
const first = `SELECT tupleElement(arrayFold((a, x) -> if(x.2 = a.1 + 1 AND (a.1 = 0 OR x.1 <= a.2),
    (toInt32(a.1 + 1), if(a.1 = 0, x.1 + ${window}, a.2)), a),
    arraySort(groupArray((at, step))), (toInt32(0), toUInt64(0))), 1) AS level
  FROM bench.arrival GROUP BY entity`
const duckFirst = `SELECT ${[1, 2, 3, 4, 5].map((k) => `count(*) FILTER (level >= ${k})`)} FROM (
  SELECT list_reduce(list({moment: moment, step: step} ORDER BY moment, step),
    lambda a, x: CASE WHEN x.step = a.step + 1 AND (a.step = 0 OR x.moment <= a.moment)
      THEN {moment: CASE WHEN a.step = 0 THEN x.moment + ${window} ELSE a.moment END, step: a.step + 1} ELSE a END,
    {moment: 0::BIGINT, step: 0::INTEGER}).step AS level
  FROM arrival GROUP BY entity)`

async function run(name) {
  const threads = name.endsWith('2 threads') ? 2 : 1
  if (name.startsWith('DuckDB')) {
    await duck.run(`SET threads = ${threads}`)
    return (await duck.runAndReadAll(duckFirst)).getRows()[0].join(' ')
  }
  return house.query(clickhouse(name.includes('any') ? any : first, threads), 'TSV').trim().replaceAll('\t', ' ')
}

console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...rest] = line.split(' ')
  const start = performance.now()
  const answer = await run(rest.join(' '))
  console.log(verb === 'time' ? (performance.now() - start).toFixed(1) : answer)
}
process.exit(0)
