"""Reply templates are written by people who may be wrong or stolen from: none reaches past its words, none keeps a worker busy.

Each runs in a process of its own with bounded memory, where a template that would never end is ended.
"""

import resource
import subprocess
import sys

import pytest
from liquid import Environment

from bridgedesk.conversations import liquid
from tests.attacks.budget import in_a_process

LONG = "a" * 4000
NINES = "9" * 4000
HEAVY = {
    "a long range": "{% for i in (1..100000000) %}x{% endfor %}",
    "loops in loops": "{% for i in (1..150) %}{% for j in (1..150) %}{% for k in (1..150) %}x{% endfor %}{% endfor %}{% endfor %}",
    "backwards": "{% for i in (1..100000000) reversed %}{% break %}{% endfor %}",
    "backwards by a name": "{% assign r = (1..100000000) %}{% for i in r reversed %}{% break %}{% endfor %}",
    "a range written out": "{{ (1..100000000) | join: 'x' }}",
    "each letter by all letters": f"{{% assign s = '{LONG}' %}}{{{{ s | replace: 'a', s | replace: 'a', s }}}}",
    "nothing by all letters": f"{{% assign s = '{LONG}' %}}{{{{ s | replace: '', s | replace: '', s }}}}",
    "doubling": "{% assign s = 'ab' %}{% for i in (1..190) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
    "capturing": f"{{% assign s = '{LONG}' %}}{{% for i in (1..190) %}}{{% capture s %}}{{{{ s }}}}{{{{ s }}}}{{% endcapture %}}{{% endfor %}}",  # noqa: E501
    "squaring": "{% assign n = 99999999999 %}{% for i in (1..190) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
    "multiplying on": f"{{% assign n = {NINES} %}}{{{{ n {'| times: n ' * 400}}}}}",
    "a long number": "{{ " + "9" * 5000 + " }}",
    "an endless exponent": "{{ '1e999999999' | number }}",
    "an endless sum": "{{ '1e999999 USD' | money }}",
    "an endless count": "{{ '1e999999999' | plural: other: '# x' }}",
    "rounding the infinite": "{{ '1e999999999' | round }}",
    "nesting": "{% if true %}" * 400 + "x" + "{% endif %}" * 400,
    "brackets": "{% if " + "(" * 1500 + "true" + ")" * 1500 + " %}x{% endif %}",
    "conditions": "{% if " + "true and " * 1100 + "true %}x{% endif %}",
}


@pytest.mark.parametrize("name", [*HEAVY])
def test_no_template_keeps_a_worker_busy(name):
    told = in_a_process("tests.attacks.budget", "template", HEAVY[name])
    assert told.startswith(("problem", "fine")), told


ALLOWED = Environment()


@pytest.mark.parametrize("tag", sorted(set(ALLOWED.tags) - set(liquid.TAGS)))
def test_a_tag_that_is_not_listed_is_refused(tag):
    assert liquid.check(f"Hello {{% {tag} 'x' %}}")


@pytest.mark.parametrize("name", sorted(set(ALLOWED.filters) - set(liquid.FILTERS) - {"date", "money", "number", "plural"}))
def test_a_filter_that_is_not_listed_is_refused(name):
    assert liquid.check(f"{{{{ shop.name | {name} }}}}")
    with pytest.raises(liquid.TemplateError):
        liquid.render(f"{{{{ shop.name | {name} }}}}", liquid.samples())


REACHING = (
    "{{ buyer.__class__ }}", "{{ buyer.name.__class__.__mro__ }}", "{{ buyer['__class__'] }}", "{{ shop.name['__init__'] }}",
    "{% for i in (1..2) %}{{ forloop.__class__ }}{% endfor %}", "{{ locale }}", "{{ settings.SECRET_KEY }}", "{{ self }}", "{{ env }}",
    "{{ _context }}", "{% for x in buyer %}{{ x }}{% endfor %}{{ globals }}", "{{ order.items }}{{ order.keys }}",
    "{% include '/etc/passwd' %}",
    "{% render '../secret.key' %}", "{% layout 'x' %}", "{{ [buyer.name] }}",
)  # fmt: skip


@pytest.mark.parametrize("source", REACHING)
def test_a_template_reaches_nothing_but_its_variables(source):
    assert liquid.check(source), source


@pytest.mark.parametrize("said", ["1e999999999", "9" * 4000, "NaN", "{{ settings }}", "a" * 100_000, "-Infinity", "٣", "1_0", "\0"])
@pytest.mark.parametrize("filter_", ["number", "round", "times: 3", "money", "date", "plural: other: '#'", "replace: '', buyer.name"])
def test_what_a_buyer_is_called_breaks_no_filter(said, filter_):
    try:
        shown = liquid.render(f"{{{{ buyer.name | {filter_} }}}}", {"buyer.name": said})
    except liquid.TemplateError:
        return
    assert len(shown) <= 2 * liquid.MOST_TEXT


def test_the_budget_would_be_exceeded():
    """A template engine without our bounds does not come through the same door."""
    source = "from liquid import Environment; Environment().from_string('{% for i in (1..900000000) reversed %}{% endfor %}').render()"
    ended = subprocess.run(
        [sys.executable, "-c", source],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (500_000_000, 500_000_000)),
        capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode
