"""`id__among=[…]`: one of these, as one argument. With Django's `in` every number of values is a
statement of its own, which PostgreSQL has to read and plan anew."""

from django.db.models import BigAutoField, BigIntegerField, ForeignKey, Lookup


@BigAutoField.register_lookup
@BigIntegerField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup):
    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        side, given = self.process_lhs(compiler, connection)
        return f"{side} = any ((select %s::bigint[])::bigint[])", [*given, list(self.rhs)]
