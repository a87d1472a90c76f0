"""Tables that were uploaded: their rows in pieces as they came, what their columns hold, how far they were taken, what is to be mended."""

from django.db import models

from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class TableQuerySet(models.QuerySet["Table"]):
    def visible_to(self, agent: Agent) -> "TableQuerySet":
        """Tables of shops the agent leads in: they hold buyers' addresses by the thousand."""
        if not agent.leads:
            return self.none()
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class Table(models.Model):
    """An uploaded file. `sheets` are its tables (a text file has one): name, headings, line of the headings, rows.

    `columns` is our field to the place of a column; `piece` the next piece to be taken, moved on in the transaction that takes it.
    """

    class Kind(models.TextChoices):
        ORDERS = "orders"
        PRODUCTS = "products"
        STOCK = "stock"
        PARCELS = "parcels"
        CUSTOMERS = "customers"

    class State(models.TextChoices):
        OPEN = "open"  # somebody says what its columns are
        RUNNING = "running"
        STOPPED = "stopped"
        DONE = "done"

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="tables")
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    reading = models.JSONField(default=dict)  # character set and delimiter of a text, as it was read
    sheets = models.JSONField(default=list)
    sheet = models.PositiveSmallIntegerField(default=0)
    columns = models.JSONField(default=dict)
    options = models.JSONField(default=dict)  # zone, currency, weight, length, dates: what holds for the whole table
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    piece = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)  # rows looked at
    made = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)  # rows left over for repair, now
    repairs = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repaired_by")
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True)  # when a piece was last taken
    finished_at = models.DateTimeField(null=True)

    objects = TableQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["moved_at"], condition=models.Q(state="running"), name="table_running")]

    def __str__(self) -> str:
        return self.name

    @property
    def headings(self) -> list[str]:
        """Of the chosen sheet."""
        return list(self.sheets[self.sheet]["headings"])

    @property
    def rows(self) -> int:
        """Of the chosen sheet."""
        return int(self.sheets[self.sheet]["rows"])


class Piece(models.Model):
    """Some rows of a sheet: [line, cells, problem] each."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="pieces")
    sheet = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "sheet", "number"], name="piece_once")]


class BadRow(models.Model):
    """A row that could not be taken: its cells as they came, or as somebody mended them, and what is wrong, [field, msgid] each."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="bad_rows")
    line = models.PositiveIntegerField()
    cells = models.JSONField()
    errors = models.JSONField()

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["table", "line"], name="bad_row_once")]


class Mapping(models.Model):
    """What a person said the columns of tables with these headings are, in a shop: proposed again the next time."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="mappings")
    kind = models.CharField(max_length=10, choices=Table.Kind.choices)
    fingerprint = models.CharField(max_length=64)  # of the headings (imports.columns)
    columns = models.JSONField()  # our field to the heading
    options = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "fingerprint"], name="mapping_once")]
