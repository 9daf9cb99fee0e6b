-- 100,000 rows through a write-ahead log, read back by an index, windows and JSON.
pragma journal_mode = wal;
pragma wal_autocheckpoint = 200;
create table t(id integer primary key, name text, value real, data text);
begin;
with recursive c(x) as (select 1 union all select x + 1 from c where x < 100000)
  insert into t select x, 'name ' || (x * 7919 % 100003), x / 8.0, json_object('n', x % 10) from c;
savepoint half;
delete from t where id > 99000;
rollback to half;
commit;
create unique index names on t(name);
create table log(what text);
create trigger changed after update on t begin insert into log values (old.value || ' -> ' || new.value); end;
update t set value = -value where id in (select id from t where name between 'name 500' and 'name 501');
select count(*), min(what), max(what) from log;
select count(*), sum(id), sum(value), count(distinct data ->> 'n') from t;
select id, lag(id) over (order by name), ntile(4) over (order by name) from t where id % 25000 = 1 order by name;
select data ->> '$.n' as n, count(*) from t group by n having n < 2;
explain query plan select * from t where name = 'name 1';
pragma wal_checkpoint(truncate);
insert into t(name) values ('name 1');
pragma integrity_check;
pragma foreign_key_check;
.mode csv
select * from t limit 2;
.save copy.db
.open copy.db
select count(*) from t;
