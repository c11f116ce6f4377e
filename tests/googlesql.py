"""GoogleSQL as BigQuery analyses it: ZetaSQL, Google's own analyser, over a catalog made of the schema files and views.

The embedded engine and sqlglot accept statements that BigQuery refuses, so every statement of the project is also
analysed here. The package `zetasql` carries the analyser as WebAssembly; compiling it takes about half a minute of
processor time, so the compiled module is kept in the user's cache.
"""

import os
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter, StructQueryParameter

from earshot.adapters.schema import columns, tables, view_query, views

DATASET = "p.d"
"""Project and dataset of the catalog; a bare table name means the one of this dataset."""

KINDS = {
    "STRING": "TYPE_STRING", "INTEGER": "TYPE_INT64", "INT64": "TYPE_INT64", "FLOAT": "TYPE_DOUBLE",
    "FLOAT64": "TYPE_DOUBLE", "BOOLEAN": "TYPE_BOOL", "BOOL": "TYPE_BOOL", "TIMESTAMP": "TYPE_TIMESTAMP",
    "DATE": "TYPE_DATE", "BYTES": "TYPE_BYTES", "JSON": "TYPE_JSON", "NUMERIC": "TYPE_NUMERIC",
}  # fmt: skip
"""Names of types in schema files and query parameters -> ZetaSQL's kind."""

NAMED = re.compile(r"`[\w${}-]+(?:\.[\w${}-]+)?\.(\w+)`")
"""A table in backticks with its dataset, or project and dataset."""


class Refused(AssertionError):
    """ZetaSQL does not accept the statement."""


def is_installed() -> bool:
    """Whether the package is there; it has no dependency that is not pure Python or a common wheel."""
    return find_spec("zetasql") is not None


class GoogleSql:
    """The analyser with the project's tables and views; one call at a time."""

    def __init__(self) -> None:
        from zetasql import types
        from zetasql.api import CatalogBuilder
        from zetasql.core.local_service import ZetaSqlLocalService

        self.types = types
        self.lock = threading.Lock()
        ZetaSqlLocalService._instance = _service()
        self.service = ZetaSqlLocalService.get_instance()
        self.language = types.LanguageOptions.maximum_features()
        self.language.product_mode = types.ProductMode.PRODUCT_EXTERNAL
        kinds = types.ResolvedNodeKind
        self.language.supported_statement_kinds = [
            getattr(kinds, f"RESOLVED_{kind}_STMT")
            for kind in ("QUERY", "MERGE", "INSERT", "UPDATE", "DELETE", "ALTER_TABLE", "CREATE_TABLE", "TRUNCATE")
        ]
        functions = types.ZetaSQLBuiltinFunctionOptions(language_options=self.language)
        self.catalog = CatalogBuilder("catalog").with_builtin_functions(functions).build()
        self.refused_views: dict[str, str] = {}
        self.registered: int | None = None
        for table in tables():
            self._add(table, [(column.name, self._type(column.type)) for column in columns(table)])
        for view in views():
            try:
                resolved = self._analyse(view_query(view, DATASET), {})
                self._add(view, [(column.name, column.column.type) for column in resolved.output_column_list])
            except Refused as error:
                self.refused_views[view] = str(error)

    def analyse(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The resolved statement.

        Args:
            sql: one statement over tables and views of the project, whatever their dataset.
            parameters: name -> ZetaSQL type, see `parameter_types`; None leaves types to be inferred.

        Raises:
            Refused: BigQuery would refuse it, too.
        """
        with self.lock:
            return self._analyse(NAMED.sub(rf"`{DATASET}.\1`", sql), parameters)

    def known(self, sql: str) -> bool:
        """Whether each table that a statement names in backticks is one of the project's."""
        return set(NAMED.findall(sql)) <= {*tables(), *views()}

    def parameter_types(self, config: QueryJobConfig | None) -> dict[str, Any]:
        """The types of a query's parameters, as BigQuery would take them."""
        given = config.query_parameters if config else []
        return {parameter.name: self._parameter(parameter) for parameter in given}

    def _analyse(self, sql: str, parameters: Mapping[str, Any] | None) -> Any:
        from zetasql.core.exceptions import ServerError

        types = self.types
        options = types.AnalyzerOptions(
            language_options=self.language,
            parameter_mode=types.ParameterMode.PARAMETER_NAMED,
            allow_undeclared_parameters=parameters is None,
            query_parameters=[
                types.AnalyzerOptions.QueryParameter(name=name, type=kind) for name, kind in (parameters or {}).items()
            ],
        )
        if self.registered is None:
            self.registered = self.service.register_catalog(simple_catalog=self.catalog).registered_id
        try:
            answer = self.service.analyze(sql_statement=sql, options=options, registered_catalog_id=self.registered)
        except ServerError as error:
            raise Refused(f"{error}\n{sql}") from None
        return answer.resolved_statement

    def _add(self, name: str, kinds: Sequence[tuple[str, Any]]) -> None:
        from zetasql.api import TableBuilder

        for called in (f"{DATASET}.{name}", name):
            table = TableBuilder(called)
            for column, kind in kinds:
                table.add_column(column, kind)
            self.catalog.table.append(table.build())
        self.registered = None

    def _type(self, name: str) -> Any:
        from zetasql.api.type_factory import TypeFactory

        return TypeFactory.create_simple_type(getattr(self.types.TypeKind, KINDS[name]))

    def _parameter(self, parameter: Any) -> Any:
        from zetasql.api.type_factory import TypeFactory

        if isinstance(parameter, ScalarQueryParameter):
            name = parameter.type_ if isinstance(parameter.type_, str) else parameter.type_._type
            return self._type(name)
        if isinstance(parameter, StructQueryParameter):
            return self._struct(parameter.to_api_repr()["parameterType"])
        if isinstance(parameter, ArrayQueryParameter):
            if parameter.values and isinstance(parameter.values[0], StructQueryParameter):
                return TypeFactory.create_array_type(self._parameter(parameter.values[0]))
            return TypeFactory.create_array_type(self._struct(parameter.to_api_repr()["parameterType"]["arrayType"]))
        raise TypeError(f"a query parameter of type {type(parameter).__name__}")

    def _struct(self, given: Mapping[str, Any]) -> Any:
        """A type from its REST representation."""
        from zetasql.api.type_factory import TypeFactory

        if given["type"] == "STRUCT":
            return TypeFactory.create_struct_type(
                [(field["name"], self._struct(field["type"])) for field in given["structTypes"]]
            )
        if given["type"] == "ARRAY":
            return TypeFactory.create_array_type(self._struct(given["arrayType"]))
        return self._type(given["type"])


class Statements:
    """Keeps each statement that the process sends to BigQuery, until it has been analysed."""

    def __init__(self) -> None:
        self.new: list[tuple[str, QueryJobConfig | None]] = []
        self.seen: set[str] = set()

    def add(self, sql: str, config: QueryJobConfig | None) -> None:
        """One more; repeats that differ in numbers and names of datasets only are left out."""
        same = NAMED.sub(r"\1", re.sub(r"\d+", "0", sql))
        if same not in self.seen:
            self.seen.add(same)
            self.new.append((sql, config))

    def refused(self) -> list[str]:
        """Why BigQuery would refuse those that came since the last call; empty if it takes them all."""
        new, self.new = self.new, []
        reasons = []
        for sql, config in new:
            analyser = google_sql()
            if analyser.known(sql):
                try:
                    analyser.analyse(sql, analyser.parameter_types(config))
                except Refused as error:
                    reasons.append(str(error))
        return reasons


@cache
def google_sql() -> GoogleSql:
    """The one analyser of the process; a second one would take the memory twice."""
    return GoogleSql()


def _service() -> Any:
    """ZetaSQL's service on a compiled module from the cache."""
    import wasmtime
    from zetasql.core import wasm_client
    from zetasql.core.local_service import ZetaSqlLocalService

    class Module(wasmtime.Module):
        @classmethod
        def from_file(cls, engine: wasmtime.Engine, path: str | os.PathLike[str]) -> wasmtime.Module:
            folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "earshot"
            kept = folder / f"zetasql-{version('zetasql')}-wasmtime-{version('wasmtime')}.cwasm"
            if kept.exists():
                try:
                    return wasmtime.Module.deserialize_file(engine, str(kept))
                except wasmtime.WasmtimeError:  # of another processor or another build: compiled anew
                    kept.unlink(missing_ok=True)
            module = wasmtime.Module.from_file(engine, str(path))
            folder.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(module.serialize())
            part.replace(kept)
            return module

    original = wasm_client.Module
    wasm_client.Module = Module
    try:
        return ZetaSqlLocalService()
    finally:
        wasm_client.Module = original
