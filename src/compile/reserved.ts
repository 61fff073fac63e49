/**
 * Words that mean themselves only in quotes on at least one dialect. One list for all, so that a
 * name
 * reads the same everywhere; one word too many costs two characters, one too few a syntax error.
 *
 * **Source** sqlite.org/lang_keywords; PostgreSQL appendix C (reserved, and reserved but
 * functions);
 * MySQL 8.4 11.3 and MariaDB "Reserved Words"; built-in names MySQL reads as calls.
 */
export const reserved: ReadonlySet<string> = new Set(
  `
abort absent accessible account action add after all alter always analyse analyze and any
any_value array as asc asensitive asymmetric attach authorization autoincrement avg before begin
between bigint binary blob body both by call cascade case cast change char character check clone
collate collation column commit concurrently condition conflict constraint continue convert
count create cross cube cume_dist current current_catalog current_date current_path current_role
current_row current_schema current_time current_timestamp current_user cursor database databases
day_hour day_microsecond day_minute day_second deallocate dec decimal declare default deferrable
deferred delayed delete delete_domain_id dense_rank desc describe detach deterministic distinct
distinctrow div do do_domain_ids double drop dual each else elseif elsif empty enclosed end
escape escaped except exclude exclusive exists exit explain extract fail false fetch filter
first first_value float float4 float8 following for force foreign freeze from full fulltext
function general generated get glob goto grant group grouping groups having high_priority
history hour_microsecond hour_minute hour_second if ignore ignore_domain_ids ignore_server_ids
ilike immediate in index indexed infile initially inner inout insensitive insert instead int
int1 int2 int3 int4 int8 integer intersect interval into io_after_gtids io_before_gtids is
isnull iterate join json_table key keys kill lag last last_value lateral lead leading leave left
library like limit linear lines load localtime localtimestamp lock long longblob longtext loop
low_priority manual master_bind master_demote_to_replica master_demote_to_slave
master_heartbeat_period master_ssl_verify_server_cert master_use_gtid match materialized max
maxvalue mediumblob mediumint mediumtext middleint min minus minute_microsecond minute_second
mod modifies natural new no no_write_to_binlog not nothing notnull now nth_value ntile null
nulls numeric of off offset old on only optimize optimizer_costs option optionally or order
others out outer outfile over overlaps package page_checksum parallel parse_vcol_expr partition
percent_rank period placing plan portion position pragma preceding precision primary procedure
purge qualify query quick raise range rank read read_write reads real recursive ref_system_id
references regexp reindex release rename repeat replace require resignal restrict return
returning revoke right rlike rollback row row_number rowcount rownum rows rowtype savepoint
schema schemas second_microsecond select sensitive separator session_user set show signal
similar slow smallint some spatial specific sql sql_big_result sql_calc_found_rows
sql_small_result sqlexception sqlstate sqlwarning ssl starting stats_auto_recalc
stats_persistent stats_sample_pages stored straight_join substr substring sum symmetric sysdate
system system_user table tablesample temp temporary terminated then ties tinyblob tinyint
tinytext to trailing transaction trigger trim true unbounded undo union unique unlock unsigned
until update usage use user using utc_date utc_time utc_timestamp vacuum value values varbinary
varchar varcharacter variadic varying vector verbose view virtual when where while window with
within without write xor year_month zerofill
`
    .trim()
    .split(/\s+/)
)
