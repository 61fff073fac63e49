import type { DialectName } from "./Dialect.ts"

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/))

const sqlite = words(`
all distinct not raise
add alter and as autoincrement between case cast check collate commit constraint create
current_date current_time current_timestamp default deferrable delete drop else escape except
exists foreign from group having in index insert intersect into is isnull join limit nothing
notnull null on or order primary references returning select set table then to transaction union
unique update using values when where
`)

const postgres = words(`
all current_time current_timestamp distinct having limit localtime localtimestamp not offset
where analyse analyze and any array as asc asymmetric between bigint bit boolean both case cast
char character check collate column constraint create current_catalog current_date current_role
current_user dec decimal default deferrable desc do else end except exists extract false fetch
float for foreign from grant group in initially inout int integer intersect interval into
json_objectagg json_table lateral leading merge_action national nchar none null numeric on only
operator or order out placing position precision primary real references returning select
session_user setof smallint some symmetric system_user table then time timestamp to trailing
treat true union unique user using values varchar variadic when window with xmlattributes
xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
`)

const mysql = words(`
all default distinct distinctrow not value values
accessible add alter analyze and any as asc asensitive backup before begin between bigint binlog
bit blob bool boolean both by byte cache call cascade case cast change check checkpoint checksum
clob close code collate column column_get comment commit compressed condition constraint
continue convert create cross cume_dist cursor databases datetime day_hour day_microsecond
day_minute day_second deallocate dec decimal declare delayed delete delete_domain_id dense_rank
desc describe deterministic div do do_domain_ids double drop dual each else elseif enclosed end
enum escaped examined except exclude execute exists exit explain extract false fetch first_value
fixed float float4 float8 flush following follows for force foreign from fulltext function get
get_format global grant group handler having help host hour_microsecond hour_minute hour_second
id ignore ignore_domain_ids ignored in index infile inner inout insensitive insert install int
int1 int2 int3 int4 int8 integer intersect into is iterate join json key keys kill lag language
lastval lead leading leave like limit linear lines load local lock long longblob longtext loop
low_priority master_demote_to_replica master_demote_to_slave master_ssl_verify_server_cert match
maxvalue medium mediumblob mediumint mediumtext middleint minute_microsecond minute_second
modifies names national natural nchar nextval no no_write_to_binlog nth_value ntile null number
numeric nvarchar offset on open optimize option optionally options or order others out outer
outfile over owner page_checksum parse_vcol_expr parser partition percent_rank period port
portion position precedes preceding precision prepare primary procedure purge range rank raw
read read_write reads real recursive ref_system_id references regexp release remove rename
repair replica replicas require reset resignal restore restrict return returning revoke rlike
role rollback row_number rows savepoint schemas second_microsecond security select sensitive
separator serial server session set setval show shutdown signal signed slave slaves smallint
socket some soname sounds spatial specific sql sqlexception sqlstate sqlwarning ssl start
starting stats_auto_recalc stats_persistent stats_sample_pages stop stored table terminated text
then ties timestampadd timestampdiff tinyblob tinyint tinytext to trailing trigger true
unbounded undo unicode uninstall union unlock unsigned update upgrade usage use using varbinary
varchar varchar2 varcharacter varying when where while window with wrapper write xa xor
year_month zerofill
`)

/**
 * Words that begin something else than a call where a grammar finds them before a parenthesis.
 *
 * **Source** each server's own keywords, called with no, one, two and three arguments: those it
 * answers with an error of syntax. MySQL is taken to read MariaDB's.
 */
export const noFunctions: Readonly<Record<DialectName, ReadonlySet<string>>> = {
  sqlite,
  postgres,
  mysql,
  mariadb: mysql
}
