"""What the learner foretells in lesson 03, with the usual wrong answers."""

from edgekit.course.exercises import Case, Exercise, Mutant


def _foretold(name, value, tolerance, mutants, hints):
    return Exercise(name, value, (Case("literal", (), value, tolerance),), mutants, hints, predict=True)


PREDICTIONS = (
    _foretold("03/predict_bits", 23, 0, {
        "product": Mutant("you count the bits of one product; but 112 of them are added", 17),
        "sixteen": Mutant("you expect 16 bits to do; one product alone can fill them", 16),
        "unsigned": Mutant("you forget the sign: sums can be negative", 22),
        "widths_added": Mutant("you add up whole bits, 8 + 8 + 7 and a sign; the sum itself stays below 2^22",
                               24),
        "type": Mutant("you name the type that holds it; the question is how many bits the sum can need", 32),
        "bits_times_terms": Mutant("you double the bits for the terms; each doubling of their number adds one bit", 34),
        "eight": Mutant("you expect the sum to be as wide as a code", 8),
    }, ("How large can one product of a code difference and a weight become?",
        "112 times 255 times 127, in either sign.",
        "2^21 is smaller than that sum, 2^22 is not. And one bit for the sign.")),
    _foretold("03/predict_quarter", 1, 0, {
        "once": Mutant("you round once, and 0.25 is nearer to 0; but this profile rounds twice", 0),
        "real": Mutant("you give the product itself; but codes are whole numbers", 0.25),
        "first": Mutant("you stop after the first rounding; the shift is still to come", 0.5),
        "two": Mutant("you round both steps up without the shift between them", 2),
        "negative": Mutant("you turn the sign round; everything here is positive", -1),
    }, ("The multiplier is 2^30, so the first step halves and rounds: what does it make of 1 / 2?",
        "A half goes up, to 1. The shift is -1: it halves once more and rounds.",
        "1 / 2 is a half again, and it goes up once more.")),
    _foretold("03/predict_relu", 0, 0, {
        "double": Mutant("you count outputs that rounding twice moves; but both of these round twice, and alike", 0.2),
        "equation_6": Mutant("you take equation (6): how often A or B strays from one rounding; asked is A against B",
                             0.14),
        "ties": Mutant("you count all ties; but positive ties go up in both", 6),
        "negative_ties": Mutant("you count negative ties; but what becomes of negative values in this layer?", 3),
        "half": Mutant("you expect a coin toss for each output; most products are no ties at all", 50),
        "all": Mutant("you expect every output to differ", 100),
    }, ("A and B differ in one thing only. Which?",
        "They differ on negative ties. What does ReLU do to negative values?",
        "It clips them all to the code of zero, wherever they were rounded to.")),
)
