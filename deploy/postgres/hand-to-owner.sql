-- Everything in the database becomes the owner's, and the application may only work with rows. Done once: granting on
-- all tables again would undo what a migration has taken from the application since. {database} is the name of the
-- database and of the application's role, {owner} the role that runs the migrations.
reassign owned by {database} to {owner};
alter schema public owner to {owner};
revoke all on schema public from public, {database};
grant usage on schema public to {database};
grant select, insert, update, delete on all tables in schema public to {database};
grant usage, select on all sequences in schema public to {database};
alter default privileges for role {owner} in schema public grant select, insert, update, delete on tables to {database};
alter default privileges for role {owner} in schema public grant usage, select on sequences to {database};
revoke all on database {database} from public, {database};
grant connect on database {database} to {database};
alter database {database} owner to {owner};
