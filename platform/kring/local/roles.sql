-- The three roles of Kring, and what each may do in the database where this is run.
-- May be run again. In production, as a superuser in the database of Kring:
--   psql --set ON_ERROR_STOP=1 --file roles.sql kring
-- and give each role its password afterwards.

do $$
declare
    role text;
begin
    if not exists (select from pg_roles where rolname = 'kring_owner') then
        create role kring_owner login createdb nosuperuser nobypassrls;
    end if;
    foreach role in array array['kring_web', 'kring_worker'] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format(
                'create role %I login nosuperuser nobypassrls nocreatedb nocreaterole noinherit',
                role
            );
        end if;
    end loop;
    -- A role made by other hands must be as restricted: row-level security rests on it.
    for role in
        select rolname from pg_roles
        where rolname in ('kring_owner', 'kring_web', 'kring_worker')
          and (rolsuper or rolbypassrls)
    loop
        raise exception 'The role % may not be a superuser or bypass row-level security.', role;
    end loop;
    if (select pg_get_userbyid(datdba) from pg_database where datname = current_database())
        <> 'kring_owner'
    then
        execute format('alter database %I owner to kring_owner', current_database());
    end if;
end
$$;

revoke create on schema public from public;
grant usage, create on schema public to kring_owner;
grant usage on schema public to kring_web, kring_worker;
