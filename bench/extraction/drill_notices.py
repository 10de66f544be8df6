"""What sites say to everybody: menus, and notices long enough to be taken for prose where a page has little of it."""

MENUS = (
    ("Home", "News", "About", "Contact"),
    ("Startseite", "Aktuelles", "Über uns", "Kontakt"),
    ("Accueil", "Actualités", "À propos", "Contact"),
    ("Inicio", "Noticias", "Nosotros", "Contacto"),
    ("Главная", "Новости", "О нас", "Контакты"),
    ("首页", "新闻", "关于", "联系"),
    ("ホーム", "ニュース", "会社概要", "お問い合わせ"),
    ("Αρχική", "Νέα", "Σχετικά", "Επικοινωνία"),
    ("الرئيسية", "أخبار", "من نحن", "اتصل بنا"),
    ("Shop", "Cart", "Sign in", "Help"),
)
NOTICES = (
    "We use cookies to give you the best experience on our site. By continuing you accept our cookie policy.",
    "This website stores cookies on your device. They help us to understand how you use it and to show you what you may like.",
    "Wir verwenden Cookies, um Inhalte zu personalisieren und Zugriffe zu zählen. Mit dem Besuch der Seite stimmen Sie dem zu.",
    "Nous utilisons des cookies pour mesurer l'audience de ce site. En poursuivant votre visite, vous acceptez leur emploi.",
    "Usamos cookies propias y de terceros para mejorar nuestros servicios. Si continúa navegando, consideramos que acepta su uso.",
    "Мы используем файлы cookie, чтобы сайт работал лучше. Продолжая пользоваться сайтом, вы соглашаетесь с этим.",
    "Χρησιμοποιούμε cookies για να βελτιώσουμε την εμπειρία σας. Συνεχίζοντας την πλοήγηση αποδέχεστε τη χρήση τους.",
    "Ta strona używa plików cookie, aby działać lepiej. Korzystając z niej dalej, zgadzasz się na ich zapisywanie.",
    "我们使用Cookie来改善您的浏览体验，继续浏览本网站即表示您同意我们使用Cookie。",
    "Sign up for our newsletter and never miss a story. You can unsubscribe at any time with one click.",
    "Melden Sie sich zu unserem Rundbrief an und verpassen Sie keine Neuigkeit mehr. Die Abmeldung ist jederzeit möglich.",
    "Inscrivez-vous à notre lettre d'information et recevez chaque semaine les meilleures histoires de la rédaction.",
    "All rights reserved. No part of this site may be copied without the written permission of its owner. Terms of use apply.",
    "Thank you for reading. Support our work with a small gift every month and help us to stay independent.",
    "Your browser is out of date. Some parts of this page may not work as they should. Please update it soon.",
)
